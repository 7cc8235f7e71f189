"""What each kind of change leaves to be read, so that nobody has to believe that it was made."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tenants.actions.errors import ChangeRefused
from tenants.actions.likeness import holds
from tenants.actions.wanted import Wanted
from tenants.inventory.digests import digest_of
from tenants.okta.client import OktaClient
from tenants.okta.errors import OktaNotFound
from tenants.okta.operations import Operation, is_identifier


class Verdict(Enum):
    SO = "so"  # the change is in effect
    NOT_SO = "not so"
    GONE = "gone"  # what it is about is not there
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Seen:
    """What a look at the org told.

    ``evidence`` is a sentence for people. ``known`` is to be remembered before the first sending
    and given back to later looks; ``okta_id`` is of what was made.
    """

    verdict: Verdict
    evidence: str
    okta_id: str = ""
    known: Any = None


class Trace(ABC):
    """How to read whether a change is in effect. ``reader`` is what is asked of Okta for that."""

    reader: Operation
    #: Whether sending it twice could make two of it.
    doubles = False

    def check(self, change: Wanted) -> None:  # noqa: B027  (optional hook)
        """Raises ChangeRefused where the change lacks what a look would need."""

    @abstractmethod
    def look(self, client: OktaClient, change: Wanted, known: Any) -> Seen:
        """Ask Okta. ``known`` is None before the first sending.

        Raises:
            OktaError: the org could not be read, which says nothing about the change.
        """


@dataclass(frozen=True)
class Status(Trace):
    """A lifecycle: the object shows the state ``wanted``."""

    reader: Operation
    wanted: str

    def look(self, client: OktaClient, change: Wanted, known: Any) -> Seen:
        try:
            shown = client.call(self.reader, path=change.path_of(self.reader))
        except OktaNotFound:
            return Seen(Verdict.GONE, "Okta knows no such object.")
        status = shown.get("status") if isinstance(shown, dict) else None
        if not isinstance(status, str):
            return Seen(Verdict.UNCLEAR, "Okta shows no status of it.")
        verdict = Verdict.SO if status == self.wanted else Verdict.NOT_SO
        return Seen(verdict, f"Okta shows it as {status[:40]}.")


@dataclass(frozen=True)
class Likeness(Trace):
    """A replacement or an update: the object shows what was sent, which it did not before.

    A replacement also resets what was not sent, so it is not taken for made before it was sent,
    even where all that was sent is there; a ``partial`` one leaves the rest alone. ``within`` is
    the member that what is sent stands for; ``may_make`` says that the object need not exist.
    """

    reader: Operation
    partial: bool = False
    within: str = ""
    may_make: bool = False

    def look(self, client: OktaClient, change: Wanted, known: Any) -> Seen:
        try:
            shown = client.call(self.reader, path=change.path_of(self.reader))
        except OktaNotFound:
            if not self.may_make:
                return Seen(Verdict.GONE, "Okta knows no such object.")
            shown = {}
        if not isinstance(shown, dict):
            return Seen(Verdict.UNCLEAR, "Okta shows something that is no object.")
        return self._compare(change, shown, known)

    def _compare(self, change: Wanted, shown: dict[str, Any], known: Any) -> Seen:
        digest = digest_of(shown)
        part = shown.get(self.within) if self.within else shown
        there = bool(shown) and holds(part, change.body or {})
        if known is None and not (there and self.partial):
            return Seen(Verdict.NOT_SO, "Okta shows the object as before.", known=digest)
        if there and (self.partial or digest != known):
            return Seen(Verdict.SO, "Okta shows all that was sent.")
        if digest == known:
            return Seen(Verdict.NOT_SO, "Okta shows the object as it was before.")
        return Seen(Verdict.UNCLEAR, "Okta shows neither what was there before nor what was sent.")


@dataclass(frozen=True)
class Absence(Trace):
    """A deletion: Okta knows the object no more."""

    reader: Operation

    def look(self, client: OktaClient, change: Wanted, known: Any) -> Seen:
        try:
            shown = client.call(self.reader, path=change.path_of(self.reader))
        except OktaNotFound:
            return Seen(Verdict.SO, "Okta knows no such object (any more).")
        if isinstance(shown, dict) and shown.get("status") == "DELETED":
            return Seen(Verdict.SO, "Okta shows it as DELETED.")
        return Seen(Verdict.NOT_SO, "Okta still shows the object.")


@dataclass(frozen=True)
class Linked(Trace):
    """The object's link called ``link`` leads to the id in ``parameter``."""

    reader: Operation
    link: str
    parameter: str

    def look(self, client: OktaClient, change: Wanted, known: Any) -> Seen:
        try:
            shown = client.call(self.reader, path=change.path_of(self.reader))
        except OktaNotFound:
            return Seen(Verdict.GONE, "Okta knows no such object.")
        try:
            href = str(shown["_links"][self.link]["href"])
        except (KeyError, TypeError):
            return Seen(Verdict.NOT_SO, f"Okta shows no link {self.link}.")
        if href.rpartition("/")[2] == change.path[self.parameter]:
            return Seen(Verdict.SO, f"Okta's link {self.link} leads there.")
        return Seen(Verdict.NOT_SO, f"Okta's link {self.link} leads elsewhere.")


@dataclass(frozen=True)
class Copied(Trace):
    """A key cloned to another app: that app has it. The other app's id is in the query."""

    reader: Operation
    to: str

    def check(self, change: Wanted) -> None:
        if not is_identifier("appId", change.query.get(self.to)):
            raise ChangeRefused(f"{self.to} in the query has to be the id of an app.")

    def look(self, client: OktaClient, change: Wanted, known: Any) -> Seen:
        path = {**change.path_of(self.reader), "appId": change.query[self.to]}
        try:
            client.call(self.reader, path=path)
        except OktaNotFound:
            return Seen(Verdict.NOT_SO, "The other app does not have the key.")
        return Seen(Verdict.SO, "The other app has the key.", okta_id=change.path["keyId"])

"""What each kind of change leaves to be read, so that nobody has to believe that it was made."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tenants.actions.changes import Change
from tenants.actions.errors import ChangeRefused
from tenants.actions.likeness import alike, holds
from tenants.inventory.digests import digest_of
from tenants.okta.answers import BadJson
from tenants.okta.client import OktaClient
from tenants.okta.errors import OktaNotFound
from tenants.okta.items import Item
from tenants.okta.operations import Operation, is_identifier
from tenants.runs.handlers import Refusal

#: Of a list in which something new has to be found; more would take minutes of our share.
MOST_PAGES = 20


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

    def check(self, change: Change) -> None:  # noqa: B027  (optional hook)
        """Raises ChangeRefused where the change lacks what a look would need."""

    @abstractmethod
    def look(self, client: OktaClient, change: Change, known: Any) -> Seen:
        """Ask Okta. ``known`` is None before the first sending.

        Raises:
            OktaError: the org could not be read, which says nothing about the change.
        """


@dataclass(frozen=True)
class Status(Trace):
    """A lifecycle: the object shows the state ``wanted``."""

    reader: Operation
    wanted: str

    def look(self, client: OktaClient, change: Change, known: Any) -> Seen:
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

    def look(self, client: OktaClient, change: Change, known: Any) -> Seen:
        try:
            shown = client.call(self.reader, path=change.path_of(self.reader))
        except OktaNotFound:
            if not self.may_make:
                return Seen(Verdict.GONE, "Okta knows no such object.")
            shown = {}
        if not isinstance(shown, dict):
            return Seen(Verdict.UNCLEAR, "Okta shows something that is no object.")
        return self._compare(change, shown, known)

    def _compare(self, change: Change, shown: dict[str, Any], known: Any) -> Seen:
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

    def look(self, client: OktaClient, change: Change, known: Any) -> Seen:
        try:
            shown = client.call(self.reader, path=change.path_of(self.reader))
        except OktaNotFound:
            return Seen(Verdict.SO, "Okta knows no such object (any more).")
        if isinstance(shown, dict) and shown.get("status") == "DELETED":
            return Seen(Verdict.SO, "Okta shows it as DELETED.")
        return Seen(Verdict.NOT_SO, "Okta still shows the object.")


@dataclass(frozen=True)
class Unlisted(Trace):
    """A deletion where only the list can be read: the id in ``parameter`` is not in it. Without a
    parameter, nothing is."""

    reader: Operation
    parameter: str = ""

    def look(self, client: OktaClient, change: Change, known: Any) -> Seen:
        try:
            ids = set(listed(client, self.reader, change))
        except OktaNotFound:
            return Seen(Verdict.SO, "Okta knows no such list (any more).")
        there = change.path[self.parameter] in ids if self.parameter else bool(ids)
        if there:
            return Seen(Verdict.NOT_SO, "Okta still lists it.")
        return Seen(Verdict.SO, "Okta does not list it (any more).")


@dataclass(frozen=True)
class Linked(Trace):
    """The object's link called ``link`` leads to the id in ``parameter``."""

    reader: Operation
    link: str
    parameter: str

    def look(self, client: OktaClient, change: Change, known: Any) -> Seen:
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

    def check(self, change: Change) -> None:
        if not is_identifier("appId", change.query.get(self.to)):
            raise ChangeRefused(f"{self.to} in the query has to be the id of an app.")

    def look(self, client: OktaClient, change: Change, known: Any) -> Seen:
        path = {**change.path_of(self.reader), "appId": change.query[self.to]}
        try:
            client.call(self.reader, path=path)
        except OktaNotFound:
            return Seen(Verdict.NOT_SO, "The other app does not have the key.")
        return Seen(Verdict.SO, "The other app has the key.", okta_id=change.path["keyId"])


@dataclass(frozen=True)
class Newcomer(Trace):
    """A creation: the list has one new object that shows all that was sent.

    What others made meanwhile is told apart by ``name``, the field that Okta keeps as it was sent.
    Of new objects that may be ours, one that shows all that was sent, and no other, is ours.
    """

    reader: Operation
    name: str
    query: Mapping[str, str] = field(default_factory=dict)
    doubles = True

    def check(self, change: Change) -> None:
        if not (isinstance(change.body, dict) and change.body.get(self.name)):
            raise ChangeRefused(f"The body has to be an object with a {self.name}.")

    def look(self, client: OktaClient, change: Change, known: Any) -> Seen:
        if known is None:
            ids = list(listed(client, self.reader, change, self.query))
            return Seen(Verdict.NOT_SO, "Not made yet.", known=ids)
        items = listed(client, self.reader, change, self.query)
        before = set(known)
        return self._judge(change, [item for name, item in items.items() if name not in before])

    def _judge(self, change: Change, new: list[Item]) -> Seen:
        try:
            bodies = {item.okta_id: item.body() for item in new}
        except BadJson:
            return Seen(Verdict.UNCLEAR, "Okta lists something new that cannot be read.")
        sent = change.body[self.name]
        ours = {key: shown for key, shown in bodies.items() if alike(sent, shown.get(self.name))}
        if not ours:
            return Seen(Verdict.NOT_SO, "Okta lists nothing new that could be it.")
        (found, shown), *others = ours.items()
        if others:
            return Seen(Verdict.UNCLEAR, f"Okta lists {len(ours)} new objects that could be it.")
        if not holds(shown, change.body):
            return Seen(Verdict.UNCLEAR, f"Okta lists {found} as new, which differs from it.")
        return Seen(Verdict.SO, f"Okta lists {found}, which is new and as sent.", okta_id=found)


@dataclass(frozen=True)
class Members(Trace):
    """An addition to a set: the list has every id that stands in the body's member ``name``."""

    reader: Operation
    name: str
    query: Mapping[str, str] = field(default_factory=dict)
    doubles = True

    def check(self, change: Change) -> None:
        sent = change.body.get(self.name) if isinstance(change.body, dict) else None
        if not (isinstance(sent, list) and sent and all(isinstance(each, str) for each in sent)):
            raise ChangeRefused(f"The body needs a list of ids, called {self.name}.")

    def look(self, client: OktaClient, change: Change, known: Any) -> Seen:
        wanted = set(change.body[self.name])
        there = wanted & set(listed(client, self.reader, change, self.query))
        if there == wanted:
            return Seen(Verdict.SO, "Okta lists all of them.")
        if there and known is not None and there != set(known):
            return Seen(Verdict.UNCLEAR, f"Okta lists {len(there)} of {len(wanted)}.")
        return Seen(Verdict.NOT_SO, "Okta does not list all of them.", known=sorted(there))


def listed(
    client: OktaClient,
    listing: Operation,
    change: Change,
    query: Mapping[str, str] | None = None,
) -> dict[str, Item]:
    """Everything in a list, by id.

    Raises:
        Refusal: it is so long that reading it would take all of the org's limit.
    """
    pages = client.pages(listing, path=change.path_of(listing), query=query or {})
    items: dict[str, Item] = {}
    for number, page in enumerate(pages, start=1):
        items |= {item.okta_id: item for item in page.items}
        if page.next and number >= MOST_PAGES:
            raise Refusal("list_too_long", f"{listing.name} has more than {MOST_PAGES} pages.")
    return items

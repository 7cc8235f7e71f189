"""Changes that only a list tells of: what is new in it, what is in it, what is not any more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tenants.actions.errors import ChangeRefused
from tenants.actions.likeness import alike, holds
from tenants.actions.traces import Seen, Trace, Verdict
from tenants.actions.wanted import Wanted
from tenants.okta.answers import BadJson
from tenants.okta.client import OktaClient
from tenants.okta.errors import OktaNotFound
from tenants.okta.items import Item
from tenants.okta.operations import Operation
from tenants.runs.handlers import Refusal

#: Of a list in which something new has to be found; more would take minutes of our share.
MOST_PAGES = 20


@dataclass(frozen=True)
class Unlisted(Trace):
    """A deletion where only the list can be read: the id in ``parameter`` is not in it. Without a
    parameter, nothing is."""

    reader: Operation
    parameter: str = ""

    def look(self, client: OktaClient, change: Wanted, known: Any) -> Seen:
        try:
            ids = set(listed(client, self.reader, change))
        except OktaNotFound:
            return Seen(Verdict.SO, "Okta knows no such list (any more).")
        there = change.path[self.parameter] in ids if self.parameter else bool(ids)
        if there:
            return Seen(Verdict.NOT_SO, "Okta still lists it.")
        return Seen(Verdict.SO, "Okta does not list it (any more).")


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

    def check(self, change: Wanted) -> None:
        if not (isinstance(change.body, dict) and change.body.get(self.name)):
            raise ChangeRefused(f"The body has to be an object with a {self.name}.")

    def look(self, client: OktaClient, change: Wanted, known: Any) -> Seen:
        if known is None:
            ids = list(listed(client, self.reader, change, self.query))
            return Seen(Verdict.NOT_SO, "Not made yet.", known=ids)
        items = listed(client, self.reader, change, self.query)
        before = set(known)
        return self._judge(change, [item for name, item in items.items() if name not in before])

    def _judge(self, change: Wanted, new: list[Item]) -> Seen:
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

    def check(self, change: Wanted) -> None:
        sent = change.body.get(self.name) if isinstance(change.body, dict) else None
        if not (isinstance(sent, list) and sent and all(isinstance(each, str) for each in sent)):
            raise ChangeRefused(f"The body needs a list of ids, called {self.name}.")

    def look(self, client: OktaClient, change: Wanted, known: Any) -> Seen:
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
    change: Wanted,
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

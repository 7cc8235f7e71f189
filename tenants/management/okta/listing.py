"""From pages to the items of one JSON array, with a word to the operator on the way."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tenants.okta.answers import BadJson, read_json
from tenants.okta.items import Item, Odd
from tenants.okta.paging import Page
from tenants.okta.redact import drop_secrets


class Listed:
    """Counts what it lets through. ``more`` says that there is another page; ``lost`` are the
    items that cannot be read."""

    def __init__(self, pages: Iterable[Page], note: Callable[[str], None]) -> None:
        self.pages = pages
        self.count = 0
        self.lost = 0
        self.more = False
        self._note = note

    def __iter__(self) -> Iterator[Any]:
        """The items without secrets. One that is odd comes as it is, after those of its page."""
        for page in self.pages:
            self.more = page.next is not None
            for item in page.items:
                yield from self._read(item)
            for odd in page.odd:
                self._note(f"Odd: {odd}.")
                yield from self._read(odd)

    def _read(self, item: Item | Odd) -> Iterator[Any]:
        try:
            value = item.body() if isinstance(item, Item) else drop_secrets(read_json(item.raw))
        except BadJson as exc:
            self.lost += 1
            self._note(f"Left out: an item that cannot be read ({exc}).")
            return
        self.count += 1
        yield value

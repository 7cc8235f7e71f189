"""Walking a listing: ``Link`` headers, repeated items, cursors that do not move."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from tenants.okta.answers import Answer, BadJson
from tenants.okta.egress import TARGET
from tenants.okta.errors import EgressRefused, OktaCursorError, OktaProtocolError
from tenants.okta.hosts import ADMIN_ENDING
from tenants.okta.items import Item, Odd, split
from tenants.okta.operations import Operation

MAX_PAGES = 5000

#: Lost from Okta's ``next`` links at times, and needed on every page.
_KEPT = ("limit", "expand")

# One link value; commas and semicolons inside <> belong to the URL.
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[^\s;,="]+\s*(?:=\s*(?:"[^"]*"|[^\s";,]*))?)*)')
_RELATION = re.compile(r';\s*rel\s*=\s*"?([^";,]*)', re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """One page of a listing.

    ``next`` is the path and query of the page after it, None at the end of the list; it may be
    stored and passed to ``pages(start=)`` later. ``odd`` are the items that have no usable id.
    """

    items: tuple[Item, ...]
    next: str | None
    odd: tuple[Odd, ...]


class Listing:
    """One walk through one listing of one org."""

    def __init__(
        self,
        operation: Operation,
        host: str,
        path: Mapping[str, str],
        query: Mapping[str, str],
        start: str | None,
    ) -> None:
        limit = {"limit": str(operation.page_limit)} if operation.page_limit else {}
        self._operation = operation
        self._host = host
        self._query = {**limit, **query}
        self._path = operation.target(path, {})
        self.first = self._resumed(start) if start else operation.target(path, self._query)
        self._visited = {_parameters(self.first)}
        self._may_restart = start is None
        self._ids: set[str] = set()

    def page(self, answer: Answer, items: list[Item | Odd]) -> Page:
        """The page of ``items`` that ``answer`` held, without those told on an earlier page:
        rows move between pages meanwhile.

        Raises:
            OktaProtocolError: its ``next`` leads back.
            EgressRefused: its ``next`` leads to another host.
        """
        new: list[Item] = []
        odd: list[Odd] = []
        for item in items:
            if isinstance(item, Odd):
                odd.append(item)
            elif item.okta_id not in self._ids:
                self._ids.add(item.okta_id)
                new.append(item)
        return Page(tuple(new), self._next(answer), tuple(odd))

    def begin_again(self) -> bool:
        """Whether the walk may start over after a refused cursor: once, and not from the middle.

        A walk that went on from a stored cursor does not know what its caller has seen already.
        """
        may, self._may_restart = self._may_restart, False
        self._visited = {_parameters(self.first)}
        return may

    def _next(self, answer: Answer) -> str | None:
        url = _next_url(answer)
        target = self._target_of(url) if url else None
        if target is None:
            return None
        if _parameters(target) in self._visited:
            raise OktaProtocolError("the listing's cursor does not move", status=answer.status)
        self._visited.add(_parameters(target))
        return target

    def _target_of(self, url: str) -> str | None:
        """Path and query of a ``next`` link that stays in this listing, else None.

        Okta's associated servers, for one, link to a different collection at their end.
        """
        try:
            link = urlsplit(url)
            port = link.port
        except ValueError:
            raise OktaProtocolError("the next link is not a URL") from None
        if link.netloc and (link.scheme != "https" or port not in (None, 443)):
            raise EgressRefused("the next link leads to another port or scheme")
        if link.netloc and (link.username or link.hostname not in self._own_hosts()):
            raise EgressRefused("the next link leads to another host")
        if unquote(link.path) != unquote(self._path):
            return None
        return self._with_ours(link.path, link.query)

    def _own_hosts(self) -> frozenset[str]:
        """The org's host and its Admin Console's; we only ever send to the first."""
        org, _, suffix = self._host.partition(".")
        return frozenset({self._host, f"{org}{ADMIN_ENDING}.{suffix}"})

    def _with_ours(self, path: str, query: str) -> str:
        """The cursor's query untouched, with what it lost of ours."""
        there = dict(parse_qsl(query, keep_blank_values=True))
        lost = [
            f"{name}={quote(self._query[name], safe='')}"
            for name in _KEPT
            if name in self._query and name not in there
        ]
        target = f"{path}?{'&'.join(part for part in (query, *lost) if part)}"
        if not TARGET.fullmatch(target):
            raise OktaProtocolError("the next link holds characters that no URL has, or too many")
        return target

    def _resumed(self, start: str) -> str:
        path, _, query = start.partition("?")
        if path != self._path or not TARGET.fullmatch(start):
            raise OktaCursorError("the stored cursor is not of this listing")
        return self._with_ours(path, query)


def read_items(answer: Answer, operation: Operation) -> list[Item | Odd]:
    """Everything on the page in ``answer``, in Okta's order.

    Raises:
        OktaProtocolError: not a list, or longer than any page of Okta's.
    """
    if not answer.is_json:
        raise OktaProtocolError("the answer is not JSON", status=answer.status)
    try:
        return split(answer.body, operation)
    except BadJson as exc:
        raise OktaProtocolError(str(exc), status=answer.status) from exc


def has_cursor(target: str) -> bool:
    return any(name == "after" for name, _ in _parameters(target))


def _parameters(target: str) -> frozenset[tuple[str, str]]:
    """What makes a page's request itself: Okta reorders parameters from link to link."""
    return frozenset(parse_qsl(target.partition("?")[2], keep_blank_values=True))


def _next_url(answer: Answer) -> str | None:
    for line in answer.header_all("link"):
        for link in _LINK.finditer(line):
            relation = _RELATION.search(link[2])
            if relation and "next" in relation[1].lower().split():
                return link[1]
    return None

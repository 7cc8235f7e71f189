"""Paging by the last row's sort keys: page 1,000 costs what page 1 costs, and nothing shifts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import attrgetter, or_
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Q, QuerySet
from django.http import QueryDict

PAGE_SIZE = 50
AFTER = "after"


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    #: Cursor of the next page; empty on the last one.
    next: str
    is_later: bool
    query: QueryDict

    @property
    def next_url(self) -> str:
        return self._url(**{AFTER: self.next})

    @property
    def first_url(self) -> str:
        return self._url()

    def _url(self, **params: str) -> str:
        query = self.query.copy()
        query.pop(AFTER, None)
        query.update(params)
        return f"?{query.urlencode()}"


def keyset_page(
    rows: QuerySet[Any], order: Sequence[str], query: QueryDict, size: int = PAGE_SIZE
) -> Page:
    """The page of ``rows`` that ``query`` asks for.

    Args:
        order: fields or annotations, "-" for descending; together unique and never null.
        query: the request's parameters; a cursor that we did not make means the first page.
    """
    # The list is part of the seal: another list's keys may be of other types.
    cursors = signing.Signer(salt=f"page:{rows.model._meta.label}:{','.join(order)}")
    after = _read(cursors, query.get(AFTER, ""))
    if after:
        rows = rows.filter(_beyond(order, after))
    found = list(rows.order_by(*order)[: size + 1])
    more = len(found) > size
    cursor = cursors.sign_object(_keys(found[size - 1], order)) if more else ""
    return Page(rows=found[:size], next=cursor, is_later=bool(after), query=query)


def _read(cursors: signing.Signer, cursor: str) -> list[Any]:
    try:
        return list(cursors.unsign_object(cursor)) if cursor else []
    except signing.BadSignature:
        return []


def _keys(row: Any, order: Sequence[str]) -> list[Any]:
    fields = [field.lstrip("-").replace("__", ".") for field in order]
    values = [attrgetter(field)(row) for field in fields]
    return [_plain(value) for value in values]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _beyond(order: Sequence[str], after: list[Any]) -> Q:
    """Rows after these keys: a > x, or a = x and b > y, or …; a >= x lets an index begin there."""
    steps, equal = [], Q()
    for field, value in zip(order, after, strict=True):
        name, further = (field[1:], "lt") if field.startswith("-") else (field, "gt")
        steps.append(equal & Q(**{f"{name}__{further}": value}))
        equal &= Q(**{name: value})
    first, further = (order[0][1:], "lte") if order[0].startswith("-") else (order[0], "gte")
    return Q(**{f"{first}__{further}": after[0]}) & reduce(or_, steps)

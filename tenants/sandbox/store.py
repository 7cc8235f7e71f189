"""What one org holds: ordered collections of plain dicts, each serialised once."""

import json
import threading
from bisect import bisect_right
from collections.abc import Callable
from typing import Any

import msgspec

from tenants.sandbox.kinds import KINDS

Body = dict[str, Any]
Matches = Callable[[Body], bool]

#: Enough for one listing of 50,000 objects; searches by ever new words must not pile up.
_PAGES_KEPT = 256


def encode(value: object) -> bytes:
    """JSON the way Okta sends it: compact, raw UTF-8, key order kept.

    Raises:
        ValueError: half a surrogate pair or a number like NaN, neither of which JSON can carry.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


class UnknownCursor(Exception):
    """A cursor that never named an object of this collection."""


class Collection:
    """The objects of one kind under one parent, in the order in which they were first put.

    A cursor is an object's id. It keeps its place after the object is removed, so that a listing
    that is under way goes on.
    """

    def __init__(self) -> None:
        self._encoded: dict[str, bytes] = {}
        #: Read back when somebody searches, each beside what it was read from: most objects are
        #: only ever listed, and whoever put a body cannot change it afterwards.
        self._bodies: dict[str, tuple[bytes, Body]] = {}
        self._places: dict[str, int] = {}
        self._order: list[tuple[int, str]] = []
        self._pages: dict[object, tuple[bytes, str | None]] = {}

    def put(self, okta_id: str, body: Body) -> None:
        if okta_id not in self._encoded:
            place = self._places.setdefault(okta_id, len(self._places))
            self._order.insert(bisect_right(self._order, (place, okta_id)), (place, okta_id))
        self._encoded[okta_id] = encode(body)
        self._pages.clear()

    def remove(self, okta_id: str) -> None:
        del self._encoded[okta_id]
        self._bodies.pop(okta_id, None)
        self._order.remove((self._places[okta_id], okta_id))
        self._pages.clear()

    def encoded(self, okta_id: str) -> bytes | None:
        return self._encoded.get(okta_id)

    def bodies(self) -> list[Body]:
        return [self._body(okta_id) for _, okta_id in self._order]

    def last_id_after(self, after: str | None) -> str | None:
        ids = self._ids_after(after)
        return ids[-1] if ids else None

    def page(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        query: object = None,
        matches: Matches | None = None,
    ) -> tuple[bytes, str | None]:
        """One page as bytes, and the cursor of the next one where more objects follow.

        ``query`` is the hashable form of ``matches``: a page is built once and kept until the
        collection changes.

        Raises:
            UnknownCursor: ``after`` was never the id of an object here.
        """
        wanted = (after, limit, query)
        if len(self._pages) > _PAGES_KEPT:
            self._pages.clear()
        if wanted not in self._pages:
            self._pages[wanted] = self._build_page(after, limit, matches)
        return self._pages[wanted]

    def _build_page(
        self, after: str | None, limit: int | None, matches: Matches | None
    ) -> tuple[bytes, str | None]:
        ids = self._ids_after(after)
        if matches:
            ids = [okta_id for okta_id in ids if matches(self._body(okta_id))]
        shown = ids[:limit]
        cursor = shown[-1] if len(ids) > len(shown) else None
        return b"[" + b",".join(self._encoded[okta_id] for okta_id in shown) + b"]", cursor

    def _body(self, okta_id: str) -> Body:
        encoded = self._encoded[okta_id]
        source, body = self._bodies.get(okta_id, (b"", {}))
        if source is not encoded:
            body = msgspec.json.decode(encoded)
            self._bodies[okta_id] = encoded, body
        return body

    def _ids_after(self, after: str | None) -> list[str]:
        if after is None:
            return [okta_id for _, okta_id in self._order]
        if after not in self._places:
            raise UnknownCursor
        start = bisect_right(self._order, (self._places[after], after))
        return [okta_id for _, okta_id in self._order[start:]]


class Store:
    """All collections of one org.

    Tests and the control port change it from other threads while the server reads, hence the lock.
    """

    def __init__(self) -> None:
        self._collections: dict[tuple[str, ...], Collection] = {}
        self.lock = threading.RLock()

    def collection(self, kind: str, parents: tuple[str, ...] = ()) -> Collection:
        if len(parents) != len(KINDS[kind].parents):
            raise ValueError(f"{kind} lies under {KINDS[kind].parents}, not under {parents}")
        return self._collections.setdefault((kind, *parents), Collection())

    def put(self, kind: str, body: Body, *parents: str) -> str:
        """Add or replace an object; ``parents`` are ids, outermost first. Returns its id."""
        okta_id: str = body[KINDS[kind].key]
        with self.lock:
            self.collection(kind, parents).put(okta_id, body)
        return okta_id

    def get(self, kind: str, okta_id: str, *parents: str) -> Body:
        """A copy of one object: a change counts only once it is put back.

        Raises:
            KeyError: there is no such object.
        """
        with self.lock:
            encoded = self.collection(kind, parents).encoded(okta_id)
        if encoded is None:
            raise KeyError(f"{kind} {okta_id}")
        body: Body = msgspec.json.decode(encoded)
        return body

    def list(self, kind: str, *parents: str) -> list[Body]:
        """Copies of all objects of a kind under one parent."""
        with self.lock:
            page, _ = self.collection(kind, parents).page()
        bodies: list[Body] = msgspec.json.decode(page)
        return bodies

    def remove(self, kind: str, okta_id: str, *parents: str) -> None:
        """Delete an object and everything below it, as Okta does.

        Raises:
            KeyError: there is no such object.
        """
        with self.lock:
            self.collection(kind, parents).remove(okta_id)
            below = (*parents, okta_id)
            for key in [key for key in self._collections if _lies_under(key, kind, below)]:
                del self._collections[key]


def _lies_under(key: tuple[str, ...], kind: str, path: tuple[str, ...]) -> bool:
    child, *parents = key
    kinds = KINDS[child].parents
    return kind in kinds and tuple(parents[: len(path)]) == path

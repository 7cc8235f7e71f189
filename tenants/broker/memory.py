"""Tokens this process has at hand, so that the usual call costs microseconds and no network."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from uuid import UUID

from tenants.broker.cached import CachedToken
from tenants.okta.oauth import AccessToken

Identity = tuple[UUID, str, str, int]
Key = tuple[Identity, frozenset[str]]

MAX_TOKENS = 4096


@dataclass(frozen=True, slots=True)
class Remembered:
    """Good without asking anybody until ``recheck_at``, good if nobody can be asked after it."""

    cached: CachedToken
    recheck_at: float


class Memory:
    """Least recently used goes first. Safe for threads."""

    def __init__(self, size: int = MAX_TOKENS) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._entries: OrderedDict[Key, Remembered] = OrderedDict()
        self._generation = 0

    @property
    def generation(self) -> int:
        """Changes whenever a grant is forgotten; hand it to ``keep``."""
        return self._generation

    def find(self, key: Key) -> Remembered | None:
        with self._lock:
            if entry := self._entries.get(key):
                self._entries.move_to_end(key)
            return entry

    def keep(self, key: Key, entry: Remembered, generation: int) -> None:
        """Remember, unless a grant was forgotten since ``generation``: it may have been this one,
        and a token fetched before must not come back after."""
        with self._lock:
            if generation != self._generation:
                return
            self._entries[key] = entry
            self._entries.move_to_end(key)
            if len(self._entries) > self._size:
                self._entries.popitem(last=False)

    def take_renewal(self, key: Key, now: float, again_at: float) -> bool:
        """Whether it is on the caller to renew this token: for one of many, and once until
        ``again_at``."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or now < entry.cached.renew_at:
                return False
            put_off = replace(entry.cached, renew_at=again_at)
            self._entries[key] = replace(entry, cached=put_off)
            return True

    def discard(self, key: Key, token: AccessToken) -> None:
        """Drop this very token; one that has replaced it stays."""
        with self._lock:
            entry = self._entries.get(key)
            if entry and entry.cached.token.value == token.value:
                del self._entries[key]

    def forget(self, identity: Identity) -> list[AccessToken]:
        """Drop all tokens of a grant, and say which they were."""
        with self._lock:
            self._generation += 1
            keys = [key for key in self._entries if key[0] == identity]
            return [self._entries.pop(key).cached.token for key in keys]

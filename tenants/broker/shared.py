"""Tokens shared by all processes through Redis: sealed there, and fetched by one process at a time.

Redis is a convenience. When it does not answer, every method says so with None and the caller
goes on alone.
"""

import logging
import secrets
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

from redis import Redis
from redis.exceptions import RedisError

from tenants.broker import scripts
from tenants.broker.cached import CachedToken
from tenants.broker.cipher import TokenCipher
from tenants.broker.errors import BrokerBusy
from tenants.okta.oauth import AccessToken

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: Longer than a token request may take, so that a lease runs out only under a dead process.
LEASE_MS = 15_000
WAIT_S = 10.0
#: Most token requests last some 100 ms: look again soon, then ever more seldom.
POLL_S = (0.01, 0.1)
POLL_GROWTH = 1.1
#: From each lease on; outlives every token (Okta's live an hour, the longest we accept a day).
INDEX_MS = 25 * 3600 * 1000
#: A Redis that hangs costs one time-out in so many seconds, not one per call.
AWAY_S = 5.0

_jitter = secrets.SystemRandom()


class Lease(NamedTuple):
    """The right to fetch one token and to publish it; only its owner can use it."""

    name: str
    owner: str
    suffix: str = scripts.LOCK_SUFFIX

    @property
    def key(self) -> str:
        return self.name + self.suffix


class SharedTokens:
    def __init__(
        self,
        redis: Redis,
        cache_key: bytes,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        """``redis`` answers in bytes; ``cache_key`` is 32 bytes used for nothing else."""
        if redis.get_encoder().decode_responses:
            raise ValueError("sealed tokens are bytes: make the client without decode_responses")
        self._redis = redis
        self._cipher = TokenCipher(cache_key)
        self._clock = clock
        self._sleep = sleep
        self._away_until = float("-inf")
        self._find = redis.register_script(scripts.FIND)
        self._enter = redis.register_script(scripts.ENTER)
        self._ahead = redis.register_script(scripts.AHEAD)
        self._publish = redis.register_script(scripts.PUBLISH)
        self._drop_if = redis.register_script(scripts.DROP_IF)
        self._forget = redis.register_script(scripts.FORGET)

    def still_has(self, name: str, known: CachedToken) -> bool:
        """Whether what was found under ``name`` is there as it was: a bare GET."""
        if not known.sealed or known.use_until <= self._clock():
            return False
        return self._asking(lambda: self._redis.get(name)) == known.sealed

    def find(self, name: str) -> CachedToken | None:
        """The token under ``name`` if it is there; cheaper than ``find_or_lease``."""
        return self._opened_or_dropped(name, self._asking(lambda: self._find(keys=[name])))

    def find_or_lease(self, name: str, index: str) -> CachedToken | Lease | None:
        """The token under ``name``, else the right to fetch it; None when Redis is away.

        While another process holds that right we look again, at first every 10 ms, later every
        100 ms.

        Raises:
            BrokerBusy: it still holds it after 10 seconds.
        """
        lease = Lease(name, secrets.token_hex(16))
        for pause_s in _pauses():
            match self._asked_to_enter(lease, index):
                case None:
                    return None
                case scripts.LEASED:
                    return lease
                case [_, _] as answer:
                    if cached := self._opened_or_dropped(name, answer):
                        return cached
            self._sleep(pause_s)
        raise BrokerBusy("another process is still fetching this token")

    def lease_ahead(self, name: str, index: str) -> Lease | None:
        """The right to renew a token that is still good; None while another process has it.

        While Redis is away everybody has it. Who fails to renew keeps the lease to its end, so
        that a failing org is left in peace.
        """
        lease = Lease(name, secrets.token_hex(16), scripts.AHEAD_SUFFIX)
        args: list[str | int] = [lease.owner, LEASE_MS, INDEX_MS]
        answer = self._asking(lambda: self._ahead(keys=[name, lease.key, index], args=args))
        return lease if answer in (None, scripts.LEASED) else None

    def publish(self, lease: Lease, cached: CachedToken) -> bool | None:
        """Put the token where all can find it and give the lease back, in one step.

        False if nothing was kept: the lease ran out, the grant was forgotten, or the token is too
        short-lived to be of use to anybody else.
        """
        life_ms = round((cached.use_until - self._clock()) * 1000)
        if life_ms <= 0:
            self.release(lease)
            return False
        args: list[str | bytes | int] = [
            lease.owner,
            self._cipher.seal(lease.name, cached),
            life_ms,
        ]
        answer = self._asking(lambda: self._publish(keys=[lease.name, lease.key], args=args))
        return None if answer is None else bool(answer)

    def release(self, lease: Lease) -> None:
        self._asking(lambda: self._drop_if(keys=[lease.key], args=[lease.owner]))

    def discard(self, name: str, token: AccessToken) -> None:
        """Drop this very token; one that has replaced it stays."""
        sealed = self._asking(lambda: self._redis.get(name))
        if not isinstance(sealed, bytes):
            return
        cached = self._cipher.open(name, sealed, now=self._clock())
        if cached is None or cached.token.value == token.value:
            self._drop(name, sealed)

    def forget(self, index: str) -> list[AccessToken]:
        """Drop every token listed in ``index``, and the leases of those still being fetched.

        Returns those that were there, as far as they open.
        """
        dropped = self._asking(lambda: self._forget(keys=[index], args=[])) or []
        pairs = zip(dropped[::2], dropped[1::2], strict=True)
        now = self._clock()
        opened = (self._cipher.open(name.decode(), sealed, now=now) for name, sealed in pairs)
        return [cached.token for cached in opened if cached]

    def _asked_to_enter(self, lease: Lease, index: str) -> list[Any] | int | None:
        keys = [lease.name, lease.key, index]
        args: list[str | int] = [lease.owner, LEASE_MS, INDEX_MS]
        answer: list[Any] | int | None = self._asking(lambda: self._enter(keys=keys, args=args))
        return answer

    def _opened_or_dropped(self, name: str, answer: Any) -> CachedToken | None:
        """``answer`` is what FIND returns, None for no answer at all."""
        sealed, left_ms = answer or (None, 0)
        if sealed is None:
            return None
        now, left_s = self._clock(), left_ms / 1000
        cached = self._cipher.open(name, sealed, now=now, left_s=left_s) if left_s > 0 else None
        if cached is None:  # not ours, or without an end, which none of ours is
            self._drop(name, sealed)
        return cached

    def _drop(self, name: str, sealed: bytes) -> None:
        self._asking(lambda: self._drop_if(keys=[name], args=[sealed]))

    def _asking(self, command: Callable[[], T]) -> T | None:
        if self._clock() < self._away_until:
            return None
        try:
            return command()
        except RedisError as exc:
            self._away_until = self._clock() + AWAY_S
            logger.warning("Redis is away, tokens stay in this process: %s", type(exc).__name__)
            return None


def _pauses() -> Iterator[float]:
    """Pauses that grow to the longest of `POLL_S` and make up `WAIT_S` together."""
    waited_s, (pause_s, longest_s) = 0.0, POLL_S
    while waited_s < WAIT_S:
        jittered_s = _jitter.uniform(pause_s / 2, pause_s)
        yield jittered_s
        waited_s += jittered_s
        pause_s = min(pause_s * POLL_GROWTH, longest_s)

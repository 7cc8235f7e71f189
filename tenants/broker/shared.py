"""Tokens shared by all processes through Redis: sealed there, and fetched by one process at a time.

Redis is a convenience. When it does not answer, every method says so with None and the caller
goes on alone.
"""

import logging
import secrets
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from redis import Redis
from redis.exceptions import RedisError

from tenants.broker import scripts
from tenants.broker.cipher import TokenCipher
from tenants.broker.errors import BrokerBusy
from tenants.broker.memory import CachedToken
from tenants.okta.oauth import AccessToken

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: Longer than a token request may take, so that a lease runs out only under a dead process.
LEASE_MS = 15_000
WAIT_S = 10.0
POLL_S = (0.05, 0.1)
POLLS = round(WAIT_S / (sum(POLL_S) / 2))
#: Outlives every token (Okta's live an hour, the longest we accept a day).
INDEX_MS = 25 * 3600 * 1000
#: A Redis that hangs costs one time-out in so many seconds, not one per call.
AWAY_S = 5.0

_jitter = secrets.SystemRandom()


class Lease(NamedTuple):
    """The right to fetch one token and to publish it; only its owner can use it."""

    name: str
    owner: str

    @property
    def key(self) -> str:
        return self.name + scripts.LOCK_SUFFIX


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
        self._enter = redis.register_script(scripts.ENTER)
        self._publish = redis.register_script(scripts.PUBLISH)
        self._drop_if = redis.register_script(scripts.DROP_IF)
        self._forget = redis.register_script(scripts.FORGET)

    def find(self, name: str) -> CachedToken | None:
        """The token under ``name`` if it is there: one GET, cheaper than ``find_or_lease``."""
        sealed = self._asking(lambda: self._redis.get(name))
        return self._opened_or_dropped(name, sealed) if isinstance(sealed, bytes) else None

    def find_or_lease(self, name: str, index: str) -> CachedToken | Lease | None:
        """The token under ``name``, else the right to fetch it; None when Redis is away.

        While another process holds that right we look again every 50 to 100 ms.

        Raises:
            BrokerBusy: it still holds it after 10 seconds.
        """
        lease = Lease(name, secrets.token_hex(16))
        for _ in range(POLLS):
            match self._asked_to_enter(lease, index):
                case None:
                    return None
                case scripts.LEASED:
                    return lease
                case bytes(sealed):
                    if cached := self._opened_or_dropped(name, sealed):
                        return cached
            self._sleep(_jitter.uniform(*POLL_S))
        raise BrokerBusy("another process is still fetching this token")

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
        cached = self._cipher.open(name, sealed)
        if cached is None or cached.token.value == token.value:
            self._drop(name, sealed)

    def forget(self, index: str) -> None:
        """Drop every token listed in ``index``, and the leases of those still being fetched."""
        self._asking(lambda: self._forget(keys=[index], args=[]))

    def _asked_to_enter(self, lease: Lease, index: str) -> bytes | int | None:
        keys = [lease.name, lease.key, index]
        args: list[str | int] = [lease.owner, LEASE_MS, INDEX_MS]
        answer: bytes | int | None = self._asking(lambda: self._enter(keys=keys, args=args))
        return answer

    def _opened_or_dropped(self, name: str, sealed: bytes) -> CachedToken | None:
        cached = self._cipher.open(name, sealed)
        if cached is None or cached.use_until <= self._clock():
            self._drop(name, sealed)
            return None
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

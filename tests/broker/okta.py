"""Stand-ins for what the broker is given: a clock, an org's token endpoint, a credential."""

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tenants.broker.tokens import Broker, ClientGrant
from tenants.okta.oauth import AccessToken
from tenants.vault.secret import Secret

CANARY_SECRET = "canary-secret-4711"
CANARY_TOKEN = "canary-token-4711"
READ_APPS = frozenset({"okta.apps.read"})
READ_USERS = frozenset({"okta.users.read"})
ACME = UUID("6f9619ff-8b86-d011-b42d-00cf4fc964ff")


def redis_at(url: str, timeout_s: float = 2.0) -> Redis:
    """A client that takes no for an answer at once, as the broker's should."""
    return Redis.from_url(url, socket_timeout=timeout_s, retry=Retry(NoBackoff(), 0))


class Clock:
    """Stands still unless it is told to move; sleeping moves it."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def pass_time(clock: Clock, redis: Redis, seconds: float) -> None:
    """For our clock, and for the one by which Redis lets tokens end."""
    clock.now += seconds
    for key in redis.scan_iter("hub:token:*"):
        redis.pexpire(key, round(redis.pttl(key) - seconds * 1000))


@dataclass
class TokenEndpoint:
    """Grants a token of ``life_s`` seconds to whoever asks, or fails with ``error``."""

    clock: Callable[[], float]
    life_s: float = 3600
    value: str = CANARY_TOKEN
    error: Exception | None = None
    #: Runs while a request is under way.
    meanwhile: Callable[[], object] = lambda: None
    asked: list[tuple[ClientGrant, Secret, frozenset[str]]] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fetch(self, grant: ClientGrant, secret: Secret, scopes: frozenset[str]) -> AccessToken:
        with self._lock:
            self.asked.append((grant, secret, scopes))
            number = next(self.numbers)
        self.meanwhile()
        if self.error:
            raise self.error
        return AccessToken(
            value=f"{self.value}-{number}",
            scopes=scopes,
            expires_at=self.clock() + self.life_s,
        )


def grant_of(
    tenant_id: UUID = ACME,
    *,
    host: str = "acme.okta.com",
    client_id: str = "0oa1",
    secret_version: int = 1,
    open_secret: Callable[[], Secret] = lambda: Secret(CANARY_SECRET),
) -> ClientGrant:
    return ClientGrant(tenant_id, host, client_id, secret_version, open_secret)


def broker_on(
    redis: Redis | None,
    okta: TokenEndpoint,
    *,
    cache_key: bytes = b"c" * 32,
    sleep: Callable[[float], None] | None = None,
) -> Broker:
    """What one process has; two of them on one Redis stand for two processes."""
    return Broker(
        redis=redis,
        cache_key=cache_key,
        name_key=b"n" * 32,
        fetch=okta.fetch,
        clock=okta.clock,
        sleep=sleep or _sleep_of(okta.clock),
    )


def _sleep_of(clock: Callable[[], float]) -> Callable[[float], None]:
    return clock.sleep if isinstance(clock, Clock) else time.sleep

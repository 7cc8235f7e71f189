"""The only way from a tenant's credential to an access token.

A token is asked for with exactly the scopes of the work at hand, fetched once however many threads
and processes want it, kept sealed until shortly before it expires, and renewed before that by one
of those who use it.
"""

import functools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from redis import Redis

from tenants import figures
from tenants.broker.brake import Brake
from tenants.broker.cached import CachedToken, cached
from tenants.broker.errors import BrokerBusy
from tenants.broker.flights import Flights
from tenants.broker.memory import Identity, Key, Memory, Remembered
from tenants.broker.names import Names
from tenants.broker.shared import LEASE_MS, WAIT_S, Lease, SharedTokens
from tenants.okta.errors import OktaError
from tenants.okta.oauth import AccessToken
from tenants.vault.errors import KeyringError, SealUnavailable
from tenants.vault.secret import Secret

__all__ = ["Broker", "BrokerBusy", "ClientGrant", "Fetch"]

#: How long a process answers from its own memory: what another process forgot lives on for at
#: most this long here (ADR 0020).
RECHECK_S = 2.0
#: After this pause a process tries again to renew a token ahead of its end.
RENEW_AGAIN_S = LEASE_MS / 1000

_FROM_MEMORY, _FROM_REDIS, _FROM_OKTA = (
    figures.token_requests.labels(source) for source in ("memory", "redis", "okta")
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClientGrant:
    """Whose token it is. ``open_secret`` unseals, so it is called only when Okta must be asked.

    ``secret_version`` is another for every secret that ever was; tokens of an older one are never
    read again.
    """

    tenant_id: UUID
    host: str
    client_id: str
    secret_version: int
    open_secret: Callable[[], Secret] = field(repr=False, compare=False)

    @property
    def identity(self) -> Identity:
        return (self.tenant_id, self.host, self.client_id, self.secret_version)


Fetch = Callable[[ClientGrant, Secret, frozenset[str]], AccessToken]


class Broker:
    """Make one per process, after any fork, and share it between threads."""

    def __init__(
        self,
        *,
        redis: Redis | None,
        cache_key: bytes,
        name_key: bytes,
        fetch: Fetch,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``cache_key`` (32 bytes) seals tokens in Redis, ``name_key`` hides whose they are.

        Without Redis, or while it is away, each process fetches and keeps tokens of its own.
        ``clock`` is that by which ``fetch`` says when its tokens end.
        """
        self._shared = SharedTokens(redis, cache_key, clock, sleep) if redis is not None else None
        self._names = Names(name_key)
        self._fetch = fetch
        self._clock = clock
        self._memory = Memory()
        self._brake = Brake(clock)
        self._flights: Flights[Key, CachedToken] = Flights()
        self._counting = threading.Lock()
        #: Tokens requested from Okta by this process.
        self.minted = 0

    def token_for(self, grant: ClientGrant, scopes: frozenset[str]) -> AccessToken:
        """A token of this grant with these scopes; the usual call is answered from memory.

        Raises:
            ValueError: no scopes. Empty means none, and a token for nothing is of no use.
            BrokerBusy: somebody else has been fetching it for 10 seconds.
            SealError, SealUnavailable: from ``open_secret``.
            OktaError: from the token request.
        """
        key = (grant.identity, narrowed(scopes))
        held = self._at_hand(key) or self._flights.share(
            key, lambda: self._obtained(grant, key), WAIT_S
        )
        now = self._clock()
        if now < held.renew_at or not self._memory.take_renewal(key, now, now + RENEW_AGAIN_S):
            return held.token
        return self._renewed(grant, key, held).token

    def discard(self, grant: ClientGrant, scopes: frozenset[str], token: AccessToken) -> None:
        """Okta refused this token: never hand it out again. A newer one stays."""
        key = (grant.identity, narrowed(scopes))
        self._memory.discard(key, token)
        if self._shared:
            self._shared.discard(self._names.token(key), token)

    def forget(self, grant: ClientGrant) -> list[AccessToken]:
        """Drop all tokens of a grant that was revoked, rotated, paused or disconnected.

        Returns them, for Okta to be told. Other processes may hand out theirs for another
        `RECHECK_S`, without Redis for its whole life.
        """
        dropped = self._memory.forget(grant.identity)
        if self._shared:
            dropped += self._shared.forget(self._names.index(grant.identity))
        return list({token.value: token for token in dropped}.values())

    def _at_hand(self, key: Key) -> CachedToken | None:
        """What we remember, if that is recent, or if Redis still has the very same."""
        generation = self._memory.generation
        entry = self._memory.find(key)
        if entry is None:
            return None
        if self._clock() < entry.recheck_at:
            _FROM_MEMORY.inc()
            return entry.cached
        if not (self._shared and self._shared.still_has(self._names.token(key), entry.cached)):
            return None
        _FROM_REDIS.inc()
        self._remember(key, entry.cached, generation)
        return entry.cached

    def _obtained(self, grant: ClientGrant, key: Key) -> CachedToken:
        generation = self._memory.generation
        obtained, keep = self._found_or_minted(grant, key)
        if keep:
            self._remember(key, obtained, generation)
        return obtained

    def _remember(self, key: Key, held: CachedToken, generation: int) -> None:
        if held.use_until <= self._clock():  # too short-lived to be of use a second time
            return
        recheck_at = min(held.use_until, self._clock() + RECHECK_S)
        self._memory.keep(key, Remembered(held, recheck_at), generation)

    def _found_or_minted(self, grant: ClientGrant, key: Key) -> tuple[CachedToken, bool]:
        """The token, and whether it may be kept."""
        if self._shared is None:
            return self._alone(grant, key), True
        name = self._names.token(key)
        if found := self._shared.find(name):
            _FROM_REDIS.inc()
            return found, True
        match self._shared.find_or_lease(name, self._names.index(grant.identity)):
            case CachedToken() as found:
                _FROM_REDIS.inc()
                return found, True
            case Lease() as lease:
                return self._minted_under(lease, self._shared, grant, key)
            case None:
                return self._alone(grant, key), True

    def _minted_under(
        self, lease: Lease, shared: SharedTokens, grant: ClientGrant, key: Key
    ) -> tuple[CachedToken, bool]:
        try:
            minted = self._mint(grant, key)
        except BaseException:
            shared.release(lease)
            raise
        return minted, shared.publish(lease, minted) is not False

    def _alone(self, grant: ClientGrant, key: Key) -> CachedToken:
        """Without Redis: what we remember, if only since a moment ago, else a new one."""
        entry = self._memory.find(key)
        if entry and self._clock() < entry.cached.use_until:
            _FROM_MEMORY.inc()
            return entry.cached
        self._brake.pass_or_raise(key)
        return self._mint(grant, key)

    def _renewed(self, grant: ClientGrant, key: Key, held: CachedToken) -> CachedToken:
        """The next token, unless somebody else is at it already; else the one we have.

        A refusal that no second try would change reaches the caller at once.
        """
        generation = self._memory.generation
        lease = self._lease_ahead(grant, key)
        if self._shared and lease is None:
            return held
        try:
            renewed = self._mint(grant, key)
        except (OktaError, SealUnavailable, KeyringError) as error:
            if isinstance(error, OktaError) and not error.retryable:
                raise
            logger.warning("a token could not be renewed ahead: %s", type(error).__name__)
            return held
        if not (self._shared and lease) or self._shared.publish(lease, renewed) is not False:
            self._remember(key, renewed, generation)
        return renewed

    def _lease_ahead(self, grant: ClientGrant, key: Key) -> Lease | None:
        if self._shared is None:
            return None
        return self._shared.lease_ahead(self._names.token(key), self._names.index(grant.identity))

    def _mint(self, grant: ClientGrant, key: Key) -> CachedToken:
        secret = grant.open_secret()
        with self._counting:
            self.minted += 1
        _FROM_OKTA.inc()
        return cached(self._fetch(grant, secret, key[1]), self._clock())


@functools.lru_cache(maxsize=256)
def narrowed(scopes: frozenset[str]) -> frozenset[str]:
    """The scopes to ask for: ``X.manage`` includes ``X.read``. Raises ValueError for none."""
    if not scopes:
        raise ValueError("a token needs at least one scope")
    managed = {scope.removesuffix(".manage") for scope in scopes if scope.endswith(".manage")}
    return scopes - {f"{resource}.read" for resource in managed}

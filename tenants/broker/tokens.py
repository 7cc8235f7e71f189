"""The only way from a tenant's credential to an access token.

A token is asked for with exactly the scopes of the work at hand, fetched once however many threads
and processes want it, and kept sealed until shortly before it expires.
"""

import functools
import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from redis import Redis

from tenants.broker.errors import BrokerBusy
from tenants.broker.flights import Flights
from tenants.broker.memory import CachedToken, Identity, Key, Memory, Remembered
from tenants.broker.shared import WAIT_S, Lease, SharedTokens
from tenants.okta.oauth import AccessToken
from tenants.vault.framing import framed
from tenants.vault.secret import Secret

__all__ = ["Broker", "BrokerBusy", "ClientGrant", "Fetch"]

#: A token is retired this early, or at a tenth of its life if that is more: a slice that starts
#: with it must be able to end with it.
MARGIN_S = 120.0
MARGIN_SHARE = 0.1
#: How long a process answers from its own memory: what another process forgot lives on for at
#: most this long here.
RECHECK_S = 60.0


@dataclass(frozen=True)
class ClientGrant:
    """Whose token it is. ``open_secret`` unseals, so it is called only when Okta must be asked.

    ``secret_version`` changes with every rotation; tokens of an older version are never read again.
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
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``cache_key`` (32 bytes) seals tokens in Redis, ``name_key`` hides whose they are.

        Without Redis, or while it is away, each process fetches and keeps tokens of its own.
        """
        self._shared = SharedTokens(redis, cache_key, clock, sleep) if redis is not None else None
        self._name_key = name_key
        self._fetch = fetch
        self._clock = clock
        self._memory = Memory()
        self._flights: Flights[Key, AccessToken] = Flights()
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
        if token := self._at_hand(key):
            return token
        return self._flights.share(key, lambda: self._obtained(grant, key), WAIT_S)

    def discard(self, grant: ClientGrant, scopes: frozenset[str], token: AccessToken) -> None:
        """Okta refused this token: never hand it out again. A newer one stays."""
        key = (grant.identity, narrowed(scopes))
        self._memory.discard(key, token)
        if self._shared:
            self._shared.discard(self._token_name(key), token)

    def forget(self, grant: ClientGrant) -> None:
        """Drop all tokens of a grant that was revoked, rotated, paused or disconnected.

        Other processes may hand out theirs for another minute, without Redis for its whole life.
        """
        self._memory.forget(grant.identity)
        if self._shared:
            self._shared.forget(self._index_name(grant.identity))

    def _at_hand(self, key: Key) -> AccessToken | None:
        entry = self._memory.find(key)
        return entry.cached.token if entry and self._clock() < entry.recheck_at else None

    def _obtained(self, grant: ClientGrant, key: Key) -> AccessToken:
        generation = self._memory.generation
        cached, keep = self._found_or_minted(grant, key)
        if keep:
            recheck_at = min(cached.use_until, self._clock() + RECHECK_S)
            self._memory.keep(key, Remembered(cached, recheck_at), generation)
        return cached.token

    def _found_or_minted(self, grant: ClientGrant, key: Key) -> tuple[CachedToken, bool]:
        """The token, and whether it may be kept."""
        if self._shared is None:
            return self._alone(grant, key), True
        name = self._token_name(key)
        if cached := self._shared.find(name):
            return cached, True
        match self._shared.find_or_lease(name, self._index_name(grant.identity)):
            case CachedToken() as cached:
                return cached, True
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
            return entry.cached
        return self._mint(grant, key)

    def _mint(self, grant: ClientGrant, key: Key) -> CachedToken:
        secret = grant.open_secret()
        with self._counting:
            self.minted += 1
        token = self._fetch(grant, secret, key[1])
        life_s = token.expires_at - self._clock()
        return CachedToken(token, token.expires_at - max(MARGIN_S, life_s * MARGIN_SHARE))

    def _token_name(self, key: Key) -> str:
        identity, scopes = key
        return "hub:token:" + self._hidden(*map(str, identity), " ".join(sorted(scopes)))

    def _index_name(self, identity: Identity) -> str:
        return "hub:grant:" + self._hidden(*map(str, identity))

    def _hidden(self, *parts: str) -> str:
        return hmac.digest(self._name_key, framed(*parts), "sha256").hex()


@functools.lru_cache(maxsize=256)
def narrowed(scopes: frozenset[str]) -> frozenset[str]:
    """The scopes to ask for: ``X.manage`` includes ``X.read``. Raises ValueError for none."""
    if not scopes:
        raise ValueError("a token needs at least one scope")
    managed = {scope.removesuffix(".manage") for scope in scopes if scope.endswith(".manage")}
    return scopes - {f"{resource}.read" for resource in managed}

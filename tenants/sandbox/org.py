"""One org: who it is, the integration of ours installed in it, and what it stores."""

from collections import deque
from collections.abc import Callable, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from tenants.sandbox.installs import SECRET, Installs
from tenants.sandbox.ledger import Ledger
from tenants.sandbox.limits import InFlight, RateLimits
from tenants.sandbox.modes import Modes
from tenants.sandbox.seed.ids import Ids
from tenants.sandbox.store import Body, Store
from tenants.sandbox.tokens import IssuedToken, Tokens

DEFAULT_SCOPES = frozenset({"okta.apps.read", "okta.authorizationServers.read"})

#: Older ones are forgotten; what changed something stays in the ledger.
_REQUESTS_KEPT = 10_000


class Asked(NamedTuple):
    """One request an org saw; ``scopes`` are those of its token, empty without a valid one."""

    method: str
    path: str
    scopes: frozenset[str]


@dataclass(kw_only=True)
class Org(Modes):
    """A local org.

    Attributes:
        requests: the newest 10,000 it saw, refused ones included.
        ledger: everything that clients changed in it.
        in_flight: the requests it is busy with.
        planted: weaknesses by rule, each as the ids its findings should name.
    """

    host: str
    ids: Ids
    clock: Callable[[], float]
    requests: deque[Asked] = field(default_factory=lambda: deque(maxlen=_REQUESTS_KEPT))
    ledger: Ledger = field(default_factory=Ledger)
    in_flight: InFlight = field(default_factory=InFlight)
    planted: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.org_id = self.ids.make("00o")
        self.admin_id = self.ids.make("00u")
        self.store = Store()
        self.limits = RateLimits(self.clock)
        self.tokens = Tokens(self.clock)
        self.installs = Installs(
            host=self.host,
            admin_id=self.admin_id,
            store=self.store,
            ids=self.ids,
            clock=self.clock,
        )
        self._granted, self._client_id = DEFAULT_SCOPES, ""
        #: Ids of push providers that a custom app authenticator of the org sends through.
        self.push_providers_in_use: set[str] = set()
        self.install()

    def __repr__(self) -> str:
        return f"<Org {self.host}>"

    # The installed integration of ours; others may be installed through the API

    def install(self) -> None:
        """Install the integration, or install it again: a new client ID and a new secret."""
        self.revoke_integration()
        self._client_id = self.installs.add("sandbox_integration", sorted(self._granted))

    def revoke_integration(self) -> None:
        """Take away client, secrets and every token, as the admin's *Revoke* button does."""
        if self.client_id:
            self.uninstall(self.client_id)

    def uninstall(self, client_id: str) -> None:
        """Take away any client with its secrets and tokens."""
        with self.store.lock:
            self.installs.remove(client_id)
            self.tokens.revoke_client(client_id)

    def rotate_secret(self, *, keep_old: bool = False) -> str:
        """Make a new secret and return it. ``keep_old`` leaves both valid; Okta allows two."""
        with self.store.lock:
            old = self.list(SECRET, self.client_id)
            for secret in old[:-1] if keep_old else old:
                self.installs.remove_secret(self.client_id, secret["id"])
            value: str = self.installs.add_secret(self.client_id)["client_secret"]
        return value

    @property
    def client_id(self) -> str:
        """The client ID, or an empty string once the integration is revoked."""
        return self._client_id if self.installs.knows(self._client_id) else ""

    @property
    def client_secret(self) -> str:
        """The newest valid secret, or an empty string once the integration is revoked."""
        values = self.installs.active_values(self.client_id) if self.client_id else []
        return values[-1] if values else ""

    @property
    def granted(self) -> frozenset[str]:
        """Scopes the admin consented to when the integration was installed."""
        return self._granted

    @granted.setter
    def granted(self, scopes: Set[str]) -> None:
        self._granted = frozenset(scopes)
        if self.client_id:
            self.installs.set_granted(self.client_id, self._granted)

    def grant(self, *scopes: str) -> None:
        self.granted = self._granted.union(scopes)

    def ungrant(self, *scopes: str) -> None:
        """Withdraw consent. Tokens already issued keep their scopes until they expire."""
        self.granted = self._granted.difference(scopes)

    # Tokens

    def find_token(self, value: str) -> IssuedToken | None:
        return self.tokens.find(value)

    def expire_tokens(self) -> None:
        self.tokens.clear()

    # What only the Admin Console can do

    def use_push_provider(self, okta_id: str, *, in_use: bool = True) -> None:
        """Have a custom app authenticator send through a push provider, or no longer."""
        change = self.push_providers_in_use.add if in_use else self.push_providers_in_use.discard
        change(okta_id)

    # Objects: see Store for shapes and errors

    def put(self, kind: str, body: Body, *parents: str) -> str:
        return self.store.put(kind, body, *parents)

    def get(self, kind: str, okta_id: str, *parents: str) -> Body:
        return self.store.get(kind, okta_id, *parents)

    def list(self, kind: str, *parents: str) -> list[Body]:
        return self.store.list(kind, *parents)

    def remove(self, kind: str, okta_id: str, *parents: str) -> None:
        self.store.remove(kind, okta_id, *parents)

    @property
    def rate_limits(self) -> dict[str, int]:
        """Requests a minute by bucket, see ``limits``; change one to make the org slower."""
        return self.limits.limits

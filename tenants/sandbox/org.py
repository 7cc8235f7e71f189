"""One org: who it is, the one integration installed in it, and what it stores."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tenants.sandbox.limits import RateLimits
from tenants.sandbox.seed.ids import Ids
from tenants.sandbox.store import Body, Store

ClientKind = Literal["integration", "dpop", "custom"]

DEFAULT_SCOPES = frozenset({"okta.apps.read", "okta.authorizationServers.read"})


class Asked(NamedTuple):
    """One request an org saw; ``scopes`` are those of its token, empty without a valid one."""

    method: str
    path: str
    scopes: frozenset[str]


@dataclass(frozen=True)
class IssuedToken:
    scopes: frozenset[str]
    client_id: str
    expires_at: float


@dataclass
class Org:
    """A local org. Its public fields may be changed at any time and count from the next request.

    Attributes:
        granted: scopes the admin consented to when the integration was installed.
        client_kind: ``integration`` is what an OIN install makes; ``dpop`` and ``custom`` are
            service apps made by hand, whose credentials people paste by mistake.
        licensed: whether the org has bought API Access Management.
        dead: a deactivated org answers 404 with a page to everything.
        narrows_scopes: answer a partly granted request with fewer scopes instead of an error;
            both are possible readings of Okta's documentation.
        token_lifetime_s: Okta's is fixed at one hour.
        delay_s: wait this long before each answer.
        planted: weaknesses by rule, each as the ids its findings should name.
    """

    host: str
    ids: Ids
    clock: Callable[[], float]
    granted: set[str] = field(default_factory=lambda: set(DEFAULT_SCOPES))
    client_kind: ClientKind = "integration"
    licensed: bool = True
    dead: bool = False
    narrows_scopes: bool = False
    token_lifetime_s: int = 3600
    delay_s: float = 0.0
    requests: list[Asked] = field(default_factory=list)
    planted: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.org_id = self.ids.make("00o")
        self.admin_id = self.ids.make("00u")
        self.store = Store()
        self.limits = RateLimits(self.clock)
        self._tokens: dict[str, IssuedToken] = {}
        self._secrets: list[str] = []
        self.install()

    def __repr__(self) -> str:
        return f"<Org {self.host}>"

    # The installed integration

    def install(self) -> None:
        """Install the integration, or install it again: a new client ID and a new secret."""
        self._client_id: str | None = self.ids.make("0oa")
        self._secrets = [_new_secret()]
        self._tokens.clear()

    def revoke_integration(self) -> None:
        """Take away client, secrets and every token, as the admin's *Revoke* button does."""
        self._client_id = None
        self._secrets.clear()
        self._tokens.clear()

    def rotate_secret(self, *, keep_old: bool = False) -> str:
        """Make a new secret and return it. ``keep_old`` leaves both valid; Okta allows two."""
        self._secrets = [*(self._secrets[-1:] if keep_old else []), _new_secret()]
        return self.client_secret

    @property
    def client_id(self) -> str:
        """The client ID, or an empty string once the integration is revoked."""
        return self._client_id or ""

    @property
    def client_secret(self) -> str:
        """The newest valid secret, or an empty string once the integration is revoked."""
        return self._secrets[-1] if self._secrets else ""

    def knows_client(self, client_id: str) -> bool:
        return self._client_id is not None and client_id == self._client_id

    def accepts_secret(self, secret: str) -> bool:
        return any(secrets.compare_digest(secret.encode(), own.encode()) for own in self._secrets)

    def grant(self, *scopes: str) -> None:
        self.granted.update(scopes)

    def ungrant(self, *scopes: str) -> None:
        """Withdraw consent. Tokens already issued keep their scopes until they expire."""
        self.granted.difference_update(scopes)

    # Tokens

    def issue_token(self, scopes: frozenset[str]) -> str:
        value = secrets.token_urlsafe(64)
        expires_at = self.clock() + self.token_lifetime_s
        self._tokens[value] = IssuedToken(scopes, self.client_id, expires_at)
        return value

    def find_token(self, value: str) -> IssuedToken | None:
        token = self._tokens.get(value)
        return token if token and token.expires_at > self.clock() else None

    def expire_tokens(self) -> None:
        self._tokens.clear()

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


def _new_secret() -> str:
    return secrets.token_urlsafe(48)

"""The API service integrations installed in an org, with their client secrets.

An instance's id is its client ID. What the management API shows of instances and secrets lies in
the store, where it shows up in every listing; a secret's value is kept here alone.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from secrets import compare_digest

from tenants.sandbox.certificates import base64url
from tenants.sandbox.links import credential_links, link
from tenants.sandbox.seed.ids import Ids, stamp
from tenants.sandbox.store import Body, Store

SERVICE, SECRET = "api_service", "api_service_secret"
MAX_SECRETS = 2


class Installs:
    def __init__(
        self, *, host: str, admin_id: str, store: Store, ids: Ids, clock: Callable[[], float]
    ) -> None:
        self._host = host
        self._admin_id = admin_id
        self._store = store
        self._ids = ids
        self._clock = clock
        self._values: dict[str, str] = {}

    # Instances

    def add(self, kind: str, granted: list[str], properties: Body | None = None) -> str:
        """Install an integration with its first secret; returns the client ID.

        ``kind`` is its key in the catalog of integrations, such as ``my_log_integration``.
        """
        client_id = self._ids.make("0oa")
        body = self._build_service(client_id, kind, granted, properties)
        self._store.put(SERVICE, body)
        self.add_secret(client_id)
        return client_id

    def remove(self, client_id: str) -> None:
        """Take the client and its secrets away."""
        for secret in self._store.list(SECRET, client_id):
            self._values.pop(secret["id"], None)
        self._store.remove(SERVICE, client_id)

    def knows(self, client_id: str) -> bool:
        return self._store.collection(SERVICE).encoded(client_id) is not None

    def granted(self, client_id: str) -> frozenset[str]:
        return frozenset(self._store.get(SERVICE, client_id)["grantedScopes"])

    def set_granted(self, client_id: str, scopes: frozenset[str]) -> None:
        body = self._store.get(SERVICE, client_id)
        self._store.put(SERVICE, {**body, "grantedScopes": sorted(scopes)})

    def _build_service(
        self, client_id: str, kind: str, granted: list[str], properties: Body | None
    ) -> Body:
        here, client = self._href(client_id), f"https://{self._host}/oauth2/v1/clients/{client_id}"
        return {
            "id": client_id,
            "type": kind,
            "name": kind.replace("_", " ").title(),
            "createdAt": self._now(),
            "createdBy": self._admin_id,
            "configGuideUrl": f"https://docs.example.com/{kind}",
            "grantedScopes": granted,
            **({} if properties is None else {"properties": properties}),
            "_links": {
                "self": link(here, "GET", "DELETE"),
                "client": link(client, "GET"),
                "logo": {"name": "small", "href": f"https://static.example.com/{kind}/small"},
            },
        }

    # Secrets

    def add_secret(self, client_id: str) -> Body:
        """Give a client one more ACTIVE secret; the body returned is the only one to show it."""
        value, secret_id = secrets.token_urlsafe(48), self._ids.make("ocs")
        body = {
            "id": secret_id,
            "status": "ACTIVE",
            "client_secret": f"***{value[-4:]}",
            "secret_hash": hash_secret(value),
            "created": self._now(),
            "lastUpdated": self._now(),
            "_links": self._secret_links(client_id, secret_id, "ACTIVE"),
        }
        self._store.put(SECRET, body, client_id)
        self._values[secret_id] = value
        return {**body, "client_secret": value}

    def set_secret_status(self, client_id: str, secret_id: str, status: str) -> None:
        body = self._store.get(SECRET, secret_id, client_id)
        links = self._secret_links(client_id, secret_id, status)
        changed = {"status": status, "lastUpdated": self._now(), "_links": links}
        self._store.put(SECRET, {**body, **changed}, client_id)

    def remove_secret(self, client_id: str, secret_id: str) -> None:
        self._store.remove(SECRET, secret_id, client_id)
        self._values.pop(secret_id, None)

    def active_values(self, client_id: str) -> list[str]:
        """The secrets a client may use now, oldest first."""
        return [
            self._values[secret["id"]]
            for secret in self._store.list(SECRET, client_id)
            if secret["status"] == "ACTIVE" and secret["id"] in self._values
        ]

    def accepts(self, client_id: str, value: str) -> bool:
        own = self.active_values(client_id)
        return any(compare_digest(value.encode(), active.encode()) for active in own)

    def _secret_links(self, client_id: str, secret_id: str, status: str) -> Body:
        here = f"{self._href(client_id)}/credentials/secrets/{secret_id}"
        return credential_links(here, status)

    def _href(self, client_id: str) -> str:
        return f"https://{self._host}/integrations/api/v1/api-services/{client_id}"

    def _now(self) -> str:
        return stamp(datetime.fromtimestamp(self._clock(), tz=UTC))


def hash_secret(value: str) -> str:
    """How Okta shows a secret: base64url of the first half of its SHA-256 (recorded)."""
    return base64url(sha256(value.encode()).digest()[:16])

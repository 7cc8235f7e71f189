"""An integration's secrets as its org lists them, and what can be done to them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tenants.okta.client import OktaClient
from tenants.okta.errors import OktaAmbiguous, OktaNotFound, OktaProtocolError
from tenants.okta.operations import OPERATIONS, Operation
from tenants.vault.secret import Secret

_LIST = OPERATIONS["listApiServiceIntegrationInstanceSecrets"]
_CREATE = OPERATIONS["createApiServiceIntegrationInstanceSecret"]
_ACTIVATE = OPERATIONS["activateApiServiceIntegrationInstanceSecret"]
_DEACTIVATE = OPERATIONS["deactivateApiServiceIntegrationInstanceSecret"]
_DELETE = OPERATIONS["deleteApiServiceIntegrationInstanceSecret"]
#: The most that Okta keeps of one integration.
MOST = 2


@dataclass(frozen=True)
class OktaSecret:
    """One secret, without its value, which Okta shows once."""

    id: str
    is_active: bool
    created: datetime


@dataclass(frozen=True)
class NewSecret:
    id: str
    value: Secret = field(repr=False)


class OktaSecrets:
    """The secrets of one integration. Its id is its client ID (Okta's spec, ``_links.client``).

    Errors are those of `tenants.okta.client.OktaClient`.
    """

    operations: tuple[Operation, ...] = (_LIST, _CREATE, _ACTIVATE, _DEACTIVATE, _DELETE)

    def __init__(self, client: OktaClient, client_id: str) -> None:
        self._client = client
        self._integration = {"apiServiceId": client_id}

    def all(self) -> dict[str, OktaSecret]:
        """By id."""
        found = {secret.id: secret for secret in self._listed()}
        if len(found) > MOST:
            raise OktaProtocolError("an integration has more secrets than Okta keeps")
        return found

    def create(self) -> NewSecret:
        """Make one more; this is the only time at which its value is told.

        Raises:
            OktaAmbiguous: it may have been made, and its value is lost.
        """
        outcome = self._client.exchange(_CREATE, path=self._integration, reveal=True)
        return NewSecret(*_new(outcome.value))

    def activate(self, secret_id: str) -> None:
        self._client.call(_ACTIVATE, path=self._path(secret_id))

    def deactivate(self, secret_id: str) -> None:
        self._client.call(_DEACTIVATE, path=self._path(secret_id))

    def remove(self, secret_id: str, *, is_active: bool) -> None:
        """Deactivate and delete; one that is gone is fine."""
        try:
            if is_active:
                self.deactivate(secret_id)
            self._client.call(_DELETE, path=self._path(secret_id))
        except OktaNotFound:
            return

    def _listed(self) -> Iterator[OktaSecret]:
        answer = self._client.call(_LIST, path=self._integration)
        for body in answer if isinstance(answer, list) else [answer]:
            yield _read(body)

    def _path(self, secret_id: str) -> dict[str, str]:
        return {**self._integration, "secretId": secret_id}


def _read(body: Any) -> OktaSecret:
    try:
        created = datetime.fromisoformat(body["created"])
        if created.tzinfo is None:
            raise ValueError("a moment without a zone")
        return OktaSecret(str(body["id"]), body["status"] == "ACTIVE", created)
    except (KeyError, TypeError, ValueError) as exc:
        raise OktaProtocolError("a listed secret does not parse") from exc


def _new(body: Any) -> tuple[str, Secret]:
    """Raises OktaAmbiguous, whose text says nothing: what does not parse may hold the value."""
    told = body if isinstance(body, dict) else {}
    secret_id, value = told.get("id"), told.get("client_secret")
    if not (isinstance(secret_id, str) and secret_id and isinstance(value, str) and value):
        raise OktaAmbiguous("a new secret does not parse")
    return secret_id, Secret(value)

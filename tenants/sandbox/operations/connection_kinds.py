"""Which apps can provision users, and what they must be told to connect to their service."""

from dataclasses import dataclass
from typing import Any

from tenants.sandbox.operations.writes import invalid, malformed
from tenants.sandbox.org import Org
from tenants.sandbox.store import Body


@dataclass(frozen=True)
class ConnectionKind:
    """How apps of one kind connect.

    Attributes:
        schemes: the ways to authenticate, the usual one first.
        needs_base_url: the address of the service is not known from the app.
        asks_consent: an admin of the service has to agree before it can be activated.
        signs: authenticates with a key of its own instead of a secret.
    """

    schemes: tuple[str, ...]
    needs_base_url: bool = False
    asks_consent: bool = False
    signs: bool = False


#: By the name of the app. Source: the apps that Okta's OpenAPI names for each kind of connection.
_KINDS = {
    "zscalerbyz": ConnectionKind(("TOKEN",), needs_base_url=True),
    "okta_org2org": ConnectionKind(("TOKEN", "OAUTH2"), signs=True),
    "google": ConnectionKind(("OAUTH2",), asks_consent=True),
    "office365": ConnectionKind(("OAUTH2",), asks_consent=True),
    "slack": ConnectionKind(("OAUTH2",), asks_consent=True),
    "zoomus": ConnectionKind(("OAUTH2",), asks_consent=True),
}

#: A custom app for which somebody set up SCIM.
_SCIM = ConnectionKind(("TOKEN",))

_ROTATIONS = ("AUTO", "MANUAL")


def find_kind(org: Org, app: Body) -> ConnectionKind | None:
    """None for an app that cannot provision."""
    custom = _SCIM if org.list("app_connection", app["id"]) else None
    return _KINDS.get(str(app.get("name")), custom)


def find_connection(org: Org, app: Body) -> Body:
    """What is stored of an app's connection; only DISABLED before anybody set it."""
    stored = org.list("app_connection", app["id"])
    return stored[0] if stored else {"id": "default", "status": "DISABLED"}


def read_connection(kind: ConnectionKind | None, body: Body) -> Body:
    """The parts of a request that may be shown again; tokens and passwords are only looked at.

    Raises:
        Refusal: 400 for a scheme the app does not have, or something missing in it.
    """
    profile: Any = body.get("profile")
    if not isinstance(profile, dict):
        raise invalid("profile", "profile: The field cannot be left blank")
    scheme = profile.get("authScheme")
    if scheme not in ("TOKEN", "OAUTH2", "UNKNOWN"):
        raise malformed()
    if scheme not in (kind.schemes if kind else ("UNKNOWN",)):
        cause = "authScheme: The app does not connect in this way."
        raise invalid("authScheme", cause if kind else "Provisioning is not supported.")
    if kind is None:
        return {}
    read = _read_token if scheme == "TOKEN" else _read_oauth
    return {"authScheme": scheme, **read(kind, body, profile)}


def _read_token(kind: ConnectionKind, body: Body, profile: Body) -> Body:
    _require_text(profile, "token")
    if kind.needs_base_url or body.get("baseUrl") is not None:
        _require_text(body, "baseUrl")
        return {"baseUrl": body["baseUrl"]}
    return {}


def _read_oauth(kind: ConnectionKind, body: Body, profile: Body) -> Body:
    settings: Any = profile.get("settings")
    if settings is not None:
        if not isinstance(settings, dict):
            raise malformed()
        _require_text(settings, "adminUsername")
        _require_text(settings, "adminPassword")
    return _read_signing(profile) if kind.signs else {}


def _read_signing(profile: Body) -> Body:
    _require_text(profile, "clientId")
    signing: Any = profile.get("signing") or {"rotationMode": "MANUAL"}
    if not isinstance(signing, dict) or signing.get("rotationMode") not in _ROTATIONS:
        raise malformed()
    return {
        "clientId": profile["clientId"],
        "signing": {"rotationMode": signing["rotationMode"]},
    }


def _require_text(body: Body, field: str) -> None:
    value = body.get(field)
    if value is None or value == "":
        raise invalid(field, f"{field}: The field cannot be left blank")
    if not isinstance(value, str):
        raise malformed()

"""The OAuth client inside an OpenID Connect app: what it may be told, and what it must."""

import re
from typing import Any

from tenants.sandbox.operations.app_secrets import read_secret
from tenants.sandbox.operations.jwk_bodies import read_jwk, require_fitting
from tenants.sandbox.operations.writes import invalid, malformed
from tenants.sandbox.store import Body

_CLIENT_ID = re.compile(r"[A-Za-z0-9$\-_.+!*'(),]{6,100}")

#: The method of clients that cannot keep a secret.
NOBODY = "none"

_METHODS = (
    *("client_secret_basic", "client_secret_post", "client_secret_jwt"),
    *("private_key_jwt", NOBODY),
)
_GRANTS = (
    *("authorization_code", "implicit", "password", "refresh_token", "client_credentials"),
    *("interaction_code", "urn:openid:params:grant-type:ciba"),
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:okta:params:oauth:grant-type:otp",
    "urn:okta:params:oauth:grant-type:oob",
    "http://auth0.com/oauth/grant-type/mfa-otp",
    "http://auth0.com/oauth/grant-type/mfa-oob",
)
#: Grants of those who never send a browser back (RFC 6749 §4.3, §4.4).
_WITHOUT_REDIRECT = frozenset({"client_credentials", "password"})

CREDENTIALS_SHAPE: Body = {
    "autoKeyRotation": bool,
    "client_id": str,
    "token_endpoint_auth_method": _METHODS,
    "pkce_required": bool,
}

SETTINGS_SHAPE: Body = {
    "client_uri": str,
    "logo_uri": str,
    "redirect_uris": [str],
    "post_logout_redirect_uris": [str],
    "response_types": [("code", "token", "id_token")],
    "grant_types": [_GRANTS],
    "jwks_uri": str,
    "application_type": ("web", "native", "browser", "service"),
    "consent_method": ("TRUSTED", "REQUIRED"),
    "issuer_mode": ("ORG_URL", "CUSTOM_URL", "DYNAMIC"),
    "refresh_token": {"rotation_type": ("ROTATE", "STATIC"), "leeway": int},
    "idp_initiated_login": {"mode": ("DISABLED", "SPEC", "OKTA"), "default_scope": [str]},
    "wildcard_redirect": ("DISABLED", "SUBDOMAIN"),
    "dpop_bound_access_tokens": bool,
    "network": {"connection": ("ANYWHERE", "ZONE"), "include": [str], "exclude": [str]},
    "participate_slo": bool,
    "frontchannel_logout_uri": str,
    "frontchannel_logout_session_required": bool,
    "initiate_login_uri": str,
    "tos_uri": str,
    "policy_uri": str,
    "sector_identifier_uri": str,
    "subject_type": ("public", "pairwise"),
    "request_object_signing_alg": str,
    "id_token_encrypted_response_alg": str,
    "backchannel_token_delivery_mode": ("poll", "ping", "push"),
    "backchannel_custom_authenticator_id": str,
    "backchannel_authentication_request_signing_alg": str,
}


#: What a client is that is told nothing but its grants.
DEFAULT_CREDENTIALS: Body = {
    "autoKeyRotation": True,
    "client_id": None,
    "token_endpoint_auth_method": "client_secret_basic",
    "pkce_required": True,
}
DEFAULT_SETTINGS: Body = {
    "client_uri": None,
    "logo_uri": None,
    "redirect_uris": [],
    "response_types": [],
    "grant_types": [],
    "application_type": "web",
    "consent_method": "TRUSTED",
    "issuer_mode": "DYNAMIC",
    "idp_initiated_login": {"mode": "DISABLED", "default_scope": []},
    "wildcard_redirect": "DISABLED",
    "dpop_bound_access_tokens": False,
    "participate_slo": False,
}


def needs_secret(method: str) -> bool:
    return method.startswith("client_secret_")


def check_client(app: Body, taken: set[str]) -> None:
    """Refuse a client that cannot be; ``taken`` are the client IDs of all other apps.

    Raises:
        Refusal: 400 naming the field.
    """
    credentials, settings = app["credentials"]["oauthClient"], app["settings"]["oauthClient"]
    client_id, grants = credentials["client_id"], set(settings["grant_types"])
    if not _CLIENT_ID.fullmatch(client_id) or client_id == "ALL_CLIENTS":
        raise invalid("client_id", "client_id: The value is not a valid client ID.")
    if client_id in taken:
        raise invalid("client_id", "client_id: An app with this client ID already exists.")
    if not grants:
        raise invalid("grant_types", "grant_types: The field cannot be left blank")
    if not grants & _WITHOUT_REDIRECT:
        for field in ("redirect_uris", "response_types"):
            if not settings[field]:
                raise invalid(field, f"{field}: The field cannot be left blank")
    unproven = credentials["token_endpoint_auth_method"] == NOBODY
    if unproven and not credentials["pkce_required"]:
        raise invalid("pkce_required", "pkce_required: must be true where nothing authenticates")


def read_client_secret(body: Body, method: str) -> str:
    """The secret that came with an app; empty where Okta makes or keeps one, or none is needed.

    Raises:
        Refusal: 400 for one that breaks a rule.
    """
    client: Any = (body.get("credentials") or {}).get("oauthClient") or {}
    return read_secret(client, method) if method != NOBODY else ""


def read_jwks(body: Body) -> list[Body]:
    """The public keys that came with an app.

    Raises:
        Refusal: 400 for what are no keys, or not together.
    """
    jwks: Any = ((body.get("settings") or {}).get("oauthClient") or {}).get("jwks")
    if jwks is None:
        return []
    if not isinstance(jwks, dict) or not isinstance(jwks.get("keys"), list):
        raise malformed()
    keys = [read_jwk(key) for key in jwks["keys"]]
    require_fitting(keys)
    return keys

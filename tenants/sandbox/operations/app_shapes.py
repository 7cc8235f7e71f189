"""What an app may be told, by the way people sign on to it, and what it is when told nothing."""

from typing import Any

from tenants.sandbox.operations import oidc_bodies
from tenants.sandbox.operations.shapes import Nullable
from tenants.sandbox.seed.app_kinds import AppParts, OrgFacts
from tenants.sandbox.store import Body

#: The one app of the catalog with an OAuth client in it; others of its mode hide theirs.
CLIENT = "oidc_client"
SAML_MODES = ("SAML_2_0", "SAML_1_1")
#: Modes in which assertions or tokens are signed, with the key that the app names.
_SIGNING_MODES = (*SAML_MODES, "WS_FEDERATION", "OPENID_CONNECT")
_PASSWORD_MODES = ("AUTO_LOGIN", "BASIC_AUTH", "BROWSER_PLUGIN", "SECURE_PASSWORD_STORE")

_TEXT = Nullable(str)
_OBJECTS: Any = [dict]
_LISTS = ("attributeStatements", "configuredAttributeStatements", "acsEndpoints", "inlineHooks")
_OVERRIDES = ("ssoAcsUrlOverride", "audienceOverride", "recipientOverride", "destinationOverride")
_ADDRESSES = ("ssoAcsUrl", "audience", "recipient", "destination")

_USER_NAME = {
    "template": str,
    "type": ("NONE", "BUILT_IN", "CUSTOM"),
    "suffix": str,
    "userSuffix": str,
    "pushStatus": ("PUSH", "DONT_PUSH", "NOT_CONFIGURED"),
}
_SCHEMES = (
    *("EDIT_USERNAME_AND_PASSWORD", "EDIT_PASSWORD_ONLY", "ADMIN_SETS_CREDENTIALS"),
    *("SHARED_USERNAME_AND_PASSWORD", "EXTERNAL_PASSWORD_SYNC"),
)
_SAML: Body = {
    **dict.fromkeys(("defaultRelayState", "spIssuer", *_OVERRIDES), _TEXT),
    **dict.fromkeys((*_ADDRESSES, "idpIssuer", "authnContextClassRef"), str),
    **dict.fromkeys(("subjectNameIdTemplate", "subjectNameIdFormat"), str),
    **dict.fromkeys(("responseSigned", "assertionSigned", "honorForceAuthn"), bool),
    **dict.fromkeys(("requestCompressed", "samlSignedRequestEnabled"), bool),
    "allowMultipleAcsEndpoints": bool,
    "signatureAlgorithm": ("RSA_SHA256", "RSA_SHA1"),
    "digestAlgorithm": ("SHA256", "SHA1"),
    **dict.fromkeys(_LISTS, _OBJECTS),
    "slo": {"enabled": bool, "issuer": str, "logoutUrl": str},
    "spCertificate": {"x5c": [str]},
    "assertionEncryption": {"enabled": bool},
}
_SWA: Body = {"loginUrl": str, "redirectUrl": _TEXT}


def shape_of(name: str, mode: str | None) -> Body:
    """The rules for a body, see `shapes`; ``settings.app`` takes whatever the app asks for."""
    credentials: Body = {"userNameTemplate": _USER_NAME}
    settings: Body = {
        "app": dict,
        "implicitAssignment": bool,
        "notes": {"admin": _TEXT, "enduser": _TEXT},
    }
    if mode in _SIGNING_MODES:
        credentials["signing"] = {"kid": str}
    if mode in _PASSWORD_MODES:
        credentials |= {"scheme": _SCHEMES, "userName": _TEXT, "revealPassword": bool}
    if mode in SAML_MODES or mode == "AUTO_LOGIN":
        settings["signOn"] = _SWA if mode == "AUTO_LOGIN" else _SAML
    if name == CLIENT:
        credentials["oauthClient"] = oidc_bodies.CREDENTIALS_SHAPE
        settings["oauthClient"] = oidc_bodies.SETTINGS_SHAPE
    return {
        "label": str,
        "accessibility": {
            "selfService": bool,
            "errorRedirectUrl": _TEXT,
            "loginRedirectUrl": _TEXT,
        },
        "visibility": {
            "autoLaunch": bool,
            "autoSubmitToolbar": bool,
            "hide": {"iOS": bool, "web": bool},
        },
        "licensing": {"seatCount": int},
        "credentials": credentials,
        "settings": settings,
        **({"profile": dict} if name == CLIENT else {}),
    }


def default_parts(
    facts: OrgFacts, okta_id: str, name: str, mode: str | None, *, custom: bool, link_name: str
) -> AppParts:
    """An app that was told nothing yet."""
    parts = AppParts(name, mode, link_name=link_name)
    if mode in _SIGNING_MODES:
        parts.credentials["signing"] = {"kid": facts.kid}
    if mode in _PASSWORD_MODES:
        parts.credentials |= {"scheme": _SCHEMES[0], "revealPassword": False}
    if mode == "AUTO_LOGIN":
        parts.settings["signOn"] = {"redirectUrl": None, "loginUrl": None}
    app = f"{facts.url}/api/v1/apps/{okta_id}"
    if mode in SAML_MODES:
        parts.settings["signOn"] = _default_saml() if custom else _default_overrides()
        metadata = {"href": f"{app}/sso/saml/metadata", "type": "application/xml"}
        parts.links["metadata"] = metadata
    if name == CLIENT:
        client = {**oidc_bodies.DEFAULT_CREDENTIALS, "client_id": okta_id}
        parts.credentials["oauthClient"] = client
        parts.settings["oauthClient"] = dict(oidc_bodies.DEFAULT_SETTINGS)
        secrets = {"name": "secrets", "href": f"{app}/credentials/secrets"}
        parts.links["clientCredentials"] = [secrets]
    return parts


def _default_overrides() -> Body:
    """Of an app from the catalog, which knows by itself where assertions go."""
    return {
        "defaultRelayState": None,
        **dict.fromkeys(_OVERRIDES),
        "attributeStatements": [],
    }


def _default_saml() -> Body:
    return {
        "defaultRelayState": None,
        "ssoAcsUrl": None,
        "idpIssuer": "http://www.okta.com/${org.externalKey}",
        "audience": None,
        "recipient": None,
        "destination": None,
        "subjectNameIdTemplate": "${user.userName}",
        "subjectNameIdFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
        "responseSigned": True,
        "assertionSigned": True,
        "signatureAlgorithm": "RSA_SHA256",
        "digestAlgorithm": "SHA256",
        "honorForceAuthn": True,
        "authnContextClassRef": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
        "spIssuer": None,
        "requestCompressed": False,
        "attributeStatements": [],
        "inlineHooks": [],
        "assertionEncryption": {"enabled": False},
        "allowMultipleAcsEndpoints": False,
        "acsEndpoints": [],
        "samlSignedRequestEnabled": False,
        "slo": {"enabled": False},
    }


def required_settings(mode: str | None, *, custom: bool) -> tuple[tuple[str, Any], ...]:
    """Paths below ``settings`` that must hold something, beyond what the catalog asks for."""
    if mode == "AUTO_LOGIN":
        return (("signOn", "loginUrl"),)
    if mode in SAML_MODES and custom:
        return tuple(("signOn", name) for name in _ADDRESSES)
    return ()

"""What sets the kinds of application apart: how people sign on, and with which settings."""

from dataclasses import dataclass, field

from tenants.sandbox.seed.ids import Ids
from tenants.sandbox.store import Body


@dataclass(frozen=True)
class OrgFacts:
    """What the objects of one org share."""

    host: str
    org_id: str
    kid: str
    access_policy: str
    enrollment_policy: str

    @property
    def url(self) -> str:
        return f"https://{self.host}"

    @property
    def cell(self) -> str:
        return "oktapreview" if self.host.endswith("oktapreview.com") else "okta"


@dataclass
class AppParts:
    """Where one app differs from the next."""

    name: str
    sign_on_mode: str | None
    settings: Body = field(default_factory=dict)
    app_settings: Body = field(default_factory=dict)
    credentials: Body = field(default_factory=dict)
    links: Body = field(default_factory=dict)
    features: list[str] = field(default_factory=list)
    link_name: str = "login"
    hidden: bool = False


def _oidc(
    facts: OrgFacts, okta_id: str, client: Body, *, auth_method: str, pkce: bool = True
) -> AppParts:
    secrets = f"{facts.url}/api/v1/apps/{okta_id}/credentials/secrets"
    return AppParts(
        name="oidc_client",
        sign_on_mode="OPENID_CONNECT",
        credentials={
            "signing": {"kid": facts.kid},
            "oauthClient": {
                "autoKeyRotation": True,
                "client_id": okta_id,
                "token_endpoint_auth_method": auth_method,
                "pkce_required": pkce,
            },
        },
        settings={
            "oauthClient": {
                "client_uri": None,
                "logo_uri": None,
                **client,
                "consent_method": "TRUSTED",
                "issuer_mode": "DYNAMIC",
                "idp_initiated_login": {"mode": "DISABLED", "default_scope": []},
                "wildcard_redirect": "DISABLED",
                "dpop_bound_access_tokens": False,
                "participate_slo": False,
            }
        },
        links={"clientCredentials": [{"name": "secrets", "href": secrets}]},
        link_name="oidc_client_link",
        hidden=True,
    )


def _code_flow(application_type: str, *redirect_uris: str) -> Body:
    return {
        "redirect_uris": list(redirect_uris),
        "response_types": ["code"],
        "grant_types": ["authorization_code", "refresh_token"],
        "application_type": application_type,
        "refresh_token": {"rotation_type": "ROTATE", "leeway": 30},
    }


def _web(facts: OrgFacts, ids: Ids, okta_id: str, label: str) -> AppParts:
    site = f"https://{okta_id[3:9].lower()}.example.com"
    client = _code_flow("web", f"{site}/oauth2/callback", f"{site}/login/okta")
    client |= {"client_uri": site, "post_logout_redirect_uris": [f"{site}/bye"]}
    return _oidc(facts, okta_id, client, auth_method="client_secret_basic")


def _browser(facts: OrgFacts, ids: Ids, okta_id: str, label: str) -> AppParts:
    client = _code_flow("browser", f"https://{okta_id[3:9].lower()}.example.com/callback")
    return _oidc(facts, okta_id, client, auth_method="none")


def _native(facts: OrgFacts, ids: Ids, okta_id: str, label: str) -> AppParts:
    # A loopback address is how a native app is told to receive its code (RFC 8252).
    client = _code_flow("native", "com.example.app:/callback", "http://127.0.0.1/callback")
    return _oidc(facts, okta_id, client, auth_method="none")


def _service(facts: OrgFacts, ids: Ids, okta_id: str, label: str) -> AppParts:
    client = {
        "redirect_uris": [],
        "response_types": ["token"],
        "grant_types": ["client_credentials"],
        "jwks_uri": f"https://{okta_id[3:9].lower()}.example.com/jwks.json",
        "application_type": "service",
    }
    return _oidc(facts, okta_id, client, auth_method="private_key_jwt", pkce=False)


def _saml(facts: OrgFacts, ids: Ids, okta_id: str, label: str) -> AppParts:
    metadata = f"{facts.url}/api/v1/apps/{okta_id}/sso/saml/metadata"
    provisioned = ["PUSH_NEW_USERS", "PUSH_USER_DEACTIVATION", "PUSH_PROFILE_UPDATES"]
    # A custom app's name is made from the org, the label and a number: a dynamic key below.
    name = f"{facts.host.partition('.')[0]}_{okta_id[3:11].lower()}_1"
    return AppParts(
        name=name,
        sign_on_mode="SAML_2_0",
        features=ids.random.choice(([], [], provisioned)),
        credentials={"signing": {"kid": facts.kid}},
        settings={"signOn": _build_saml_settings(okta_id)},
        links={"metadata": {"href": metadata, "type": "application/xml"}},
        link_name=f"{name}_link",
    )


def _build_saml_settings(okta_id: str) -> Body:
    acs = f"https://{okta_id[3:9].lower()}.example.com/saml/acs"
    return {
        "defaultRelayState": None,
        "ssoAcsUrl": acs,
        "idpIssuer": "http://www.okta.com/${org.externalKey}",
        "audience": acs.removesuffix("/acs"),
        "recipient": acs,
        "destination": acs,
        "subjectNameIdTemplate": "${user.userName}",
        "subjectNameIdFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        "responseSigned": True,
        "assertionSigned": True,
        "signatureAlgorithm": "RSA_SHA256",
        "digestAlgorithm": "SHA256",
        "honorForceAuthn": True,
        "requestCompressed": False,
        "authnContextClassRef": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
        "spIssuer": None,
        "inlineHooks": [],
        "assertionEncryption": {"enabled": False},
        "acsEndpoints": [],
        "samlSignedRequestEnabled": False,
        "slo": {"enabled": False},
        "allowMultipleAcsEndpoints": False,
        "attributeStatements": [],
        "configuredAttributeStatements": [],
    }


def _swa(facts: OrgFacts, ids: Ids, okta_id: str, label: str) -> AppParts:
    page = f"https://{okta_id[3:9].lower()}.example.com/login"
    return AppParts(
        name="template_swa",
        sign_on_mode="BROWSER_PLUGIN",
        app_settings={
            "loginUrlRegex": None,
            "usernameField": "#username",
            "redirectUrl": None,
            "buttonField": "#sign-in",
            "checkbox": None,
            "passwordField": "#password",
            "url": page,
        },
        credentials={"scheme": "EDIT_USERNAME_AND_PASSWORD", "revealPassword": False},
    )


def _form(facts: OrgFacts, ids: Ids, okta_id: str, label: str) -> AppParts:
    page = f"https://{okta_id[3:9].lower()}.example.com/login"
    optional = {f"optionalField{n}{part}": None for n in (1, 2, 3) for part in ("", "Value")}
    return AppParts(
        name="template_sps",
        sign_on_mode="SECURE_PASSWORD_STORE",
        app_settings={"usernameField": "user", "passwordField": "pass", "url": page, **optional},
        # A stored password shows as an empty object: it can be written, never read.
        credentials={
            "scheme": "SHARED_USERNAME_AND_PASSWORD",
            "userName": "shared",
            "password": {},
            "revealPassword": False,
        },
    )


def _basic_auth(facts: OrgFacts, ids: Ids, okta_id: str, label: str) -> AppParts:
    page = f"https://{okta_id[3:9].lower()}.example.com/"
    return AppParts(
        name="template_basic_auth",
        sign_on_mode="BASIC_AUTH",
        app_settings={"loginUrlRegex": None, "authURL": f"{page}auth", "url": page},
        credentials={"scheme": "EDIT_USERNAME_AND_PASSWORD", "revealPassword": False},
    )


def _auto_login(facts: OrgFacts, ids: Ids, okta_id: str, label: str) -> AppParts:
    page = f"https://{okta_id[3:9].lower()}.example.com/login"
    name = f"{facts.host.partition('.')[0]}_{okta_id[3:11].lower()}_2"
    return AppParts(
        name=name,
        sign_on_mode="AUTO_LOGIN",
        credentials={"scheme": "EDIT_USERNAME_AND_PASSWORD", "revealPassword": False},
        settings={"signOn": {"redirectUrl": None, "loginUrl": page}},
        link_name=f"{name}_link",
    )


def _bookmark(facts: OrgFacts, ids: Ids, okta_id: str, label: str) -> AppParts:
    page = f"https://{okta_id[3:9].lower()}.example.com/"
    return AppParts("bookmark", "BOOKMARK", app_settings={"requestIntegration": False, "url": page})


def _directory(facts: OrgFacts, ids: Ids, okta_id: str, label: str) -> AppParts:
    # Directories have no way to sign on: the field is there and holds null.
    features = ["IMPORT_NEW_USERS", "IMPORT_PROFILE_UPDATES", "PROFILE_MASTERING"]
    return AppParts("active_directory", None, features=features, link_name="active_directory_link")


def _built_in(facts: OrgFacts, ids: Ids, okta_id: str, label: str) -> AppParts:
    # Okta's own apps are OpenID Connect apps without any client in them.
    name = BUILT_IN_NAMES.get(label, "okta_flow_sso")
    credentials = {"signing": {"kid": facts.kid}}
    return AppParts(name, "OPENID_CONNECT", credentials=credentials, link_name="admin")


BUILT_IN_NAMES = {
    "Okta Admin Console": "saasure",
    "Okta Dashboard": "okta_enduser",
    "Okta Browser Plugin": "okta_browser_plugin",
}

APP_KINDS = {
    "web": _web,
    "browser": _browser,
    "native": _native,
    "service": _service,
    "saml": _saml,
    "swa": _swa,
    "form": _form,
    "basic_auth": _basic_auth,
    "auto_login": _auto_login,
    "bookmark": _bookmark,
    "directory": _directory,
    "built_in": _built_in,
}

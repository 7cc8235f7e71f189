"""Bodies that make apps, one for each way to sign on."""

from typing import Any

Body = dict[str, Any]


def oidc(label: str = "Web", *, method: str = "client_secret_basic", **client: object) -> Body:
    """A web app; ``client`` is written into its OAuth settings."""
    settings = {
        "application_type": "web",
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "redirect_uris": ["https://app.example.com/callback"],
        **client,
    }
    return {
        "name": "oidc_client",
        "label": label,
        "signOnMode": "OPENID_CONNECT",
        "credentials": {"oauthClient": {"token_endpoint_auth_method": method}},
        "settings": {"oauthClient": settings},
    }


def saml(label: str = "Payroll Portal", **sign_on: object) -> Body:
    acs = "https://sp.example.com/acs"
    addresses = {"ssoAcsUrl": acs, "recipient": acs, "destination": acs, "audience": "urn:sp"}
    return {
        "label": label,
        "signOnMode": "SAML_2_0",
        "settings": {"signOn": {**addresses, **sign_on}},
    }


def bookmark(label: str = "Wiki") -> Body:
    settings = {"app": {"url": "https://wiki.example.com/"}}
    return {"name": "bookmark", "label": label, "settings": settings}


def catalog_app(name: str, **settings: object) -> Body:
    return {"name": name, "label": name, "signOnMode": "SAML_2_0", "settings": {"app": settings}}


ORG2ORG = catalog_app("okta_org2org", baseUrl="https://target.okta.com")
SLACK = catalog_app("slack", domain="acme")
ZSCALER = catalog_app("zscalerbyz", siteDomain="acme")

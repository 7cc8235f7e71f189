"""Provisioning: what it takes to create an app's users over there, and to import them."""

from urllib.parse import parse_qs, urlsplit

from tests.conformance.guide import Guide
from tests.conformance.tour.bodies import NOBODY, Body, catalog_app, web_app

CONNECTION = "DefaultProvisioningConnectionForApplication"


def tour(guide: Guide) -> None:
    _connect_by_token(guide)
    _connect_by_key(guide)
    _connect_by_consent(guide)
    _find_none(guide)


def _make(guide: Guide, app: Body) -> str:
    made: str = guide.ask("createApplication", body=app)["id"]
    return made


def _connect_by_token(guide: Guide) -> None:
    app_id = _make(guide, catalog_app("zscalerbyz", siteDomain="example"))
    guide.expect((400, "E0000001"), "listFeaturesForApplication", app_id)
    guide.ask(f"get{CONNECTION}", app_id)
    token = {"authScheme": "TOKEN", "token": "a-token-of-the-other-side"}
    body = {"profile": token, "baseUrl": "https://scim.example.com/v2"}
    guide.ask(f"update{CONNECTION}", app_id, body=body)
    guide.ask(f"activate{CONNECTION}", app_id)
    guide.ask(f"get{CONNECTION}", app_id)
    _set_features(guide, app_id)
    guide.ask(f"deactivate{CONNECTION}", app_id)
    guide.ask(f"get{CONNECTION}", app_id)


def _set_features(guide: Guide, app_id: str) -> None:
    guide.ask("listFeaturesForApplication", app_id)
    for name, body in (("USER_PROVISIONING", _outbound()), ("INBOUND_PROVISIONING", _inbound())):
        guide.ask("updateFeatureForApplication", app_id, name, body=body)
        guide.ask("getFeatureForApplication", app_id, name)
    guide.expect((404, "E0000007"), "getFeatureForApplication", app_id, "NO_SUCH_FEATURE")


def _outbound() -> dict[str, object]:
    on = {"status": "ENABLED"}
    password = {**on, "seed": "RANDOM", "change": "KEEP_EXISTING"}
    update = {"profile": on, "lifecycleDeactivate": on, "password": password}
    return {"create": {"lifecycleCreate": on}, "update": update}


def _inbound() -> dict[str, object]:
    """With ``userNameFormat``, as Okta takes and sends it (quirks.md §5.1)."""
    match = {
        "exactMatchCriteria": "EMAIL",
        "allowPartialMatch": True,
        "autoActivateNewUsers": False,
    }
    nightly = {"expression": "0 0 * * *", "timezone": "Europe/Berlin"}
    schedule = {"status": "ENABLED", "fullImport": nightly}
    return {
        "importRules": {"userCreateAndMatch": match},
        "importSettings": {"username": {"userNameFormat": "EMAIL"}, "schedule": schedule},
    }


def _connect_by_key(guide: Guide) -> None:
    app_id = _make(guide, catalog_app("okta_org2org", baseUrl="https://sister.okta.com"))
    signing = {"rotationMode": "AUTO"}
    profile = {"authScheme": "OAUTH2", "clientId": "0oaOfTheSisterOrg123", "signing": signing}
    guide.ask(f"update{CONNECTION}", app_id, body={"profile": profile})
    guide.ask("getUserProvisioningConnectionJWKS", app_id)
    guide.ask(f"get{CONNECTION}", app_id)


def _connect_by_consent(guide: Guide) -> None:
    app_id = _make(guide, catalog_app("slack", domain="example"))
    profile = {"authScheme": "OAUTH2"}
    connection = guide.ask(f"update{CONNECTION}", app_id, body={"profile": profile})
    address = urlsplit(connection["_links"]["authorize"]["href"])
    given = {"code": "a-code", "state": parse_qs(address.query)["state"][0]}
    guide.ask("verifyProvisioningConnectionForApplication", "slack", app_id, query=given)
    guide.ask(f"activate{CONNECTION}", app_id)
    assert guide.ask(f"get{CONNECTION}", app_id)["status"] == "ENABLED"


def _find_none(guide: Guide) -> None:
    app_id = _make(guide, web_app("Cannot be provisioned"))
    guide.ask(f"get{CONNECTION}", app_id)
    guide.expect((400, "E0000001"), "listFeaturesForApplication", app_id)
    feature = ("getFeatureForApplication", app_id, "USER_PROVISIONING")
    guide.expect((400, "E0000001"), *feature)
    guide.expect((404, "E0000007"), f"get{CONNECTION}", NOBODY)

"""What fills an org, judged by rules written here once more from their definition."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tenants.sandbox.store import Body

NOW = 1_790_000_000.0


def make_org(host: str = "acme.okta.com", **sizes: int | bool) -> Org:
    return Sandbox(directory=Path(), clock=lambda: NOW).add_org(host, **sizes)


def contents(org: Org) -> str:
    servers = org.list("authorization_server")
    below = [
        org.list(kind, server["id"])
        for server in servers
        for kind in ("as_policy", "as_scope", "as_claim", "as_key")
    ]
    return json.dumps([org.org_id, org.client_id, org.list("app"), servers, below])


def test_the_same_host_and_size_make_the_same_org() -> None:
    assert contents(make_org(apps=30)) == contents(make_org(apps=30))


def test_another_host_makes_another_org() -> None:
    assert contents(make_org(apps=30)) != contents(make_org("globex.okta.com", apps=30))


def test_secrets_are_never_the_same() -> None:
    assert make_org().client_secret != make_org().client_secret


def test_an_org_has_as_much_as_was_asked_for() -> None:
    org = make_org(apps=250, authorization_servers=5)

    assert len(org.list("app")) == 250
    assert len(org.list("authorization_server")) == 5


def test_a_small_org_shows_every_way_to_sign_on() -> None:
    apps = make_org(apps=16).list("app")

    clients = [app["settings"].get("oauthClient", {}) for app in apps]
    assert {app["signOnMode"] for app in apps} == {
        *("OPENID_CONNECT", "SAML_2_0", "BROWSER_PLUGIN", "BOOKMARK", "BASIC_AUTH"),
        *("SECURE_PASSWORD_STORE", "AUTO_LOGIN", None),
    }
    assert {client.get("application_type") for client in clients} == {
        *("web", "browser", "native", "service", None)
    }
    assert Counter(app["status"] for app in apps)["INACTIVE"] >= 1


def test_labels_include_the_awkward_ones() -> None:
    labels = [app["label"] for app in make_org(apps=40).list("app")]

    assert len(set(labels)) == 40
    assert "<script>alert('label')</script>" in labels
    assert any(label.startswith("\u00a0") for label in labels)
    assert max(max(label) for label in labels) < "\U00010000"


def test_apps_have_the_shape_of_recorded_ones() -> None:
    apps = make_org(apps=250).list("app")

    sizes = [len(json.dumps(app, separators=(",", ":"))) for app in apps]
    assert 2_000 < sum(sizes) / len(sizes) < 3_200
    for app in apps:
        assert len(app["id"]) == 20
        assert app["accessibility"]["errorRedirectUrl"] is None
        assert "self" not in app["_links"]
        assert ("activate" in app["_links"]) == (app["status"] == "INACTIVE")
        assert app["created"] <= app["lastUpdated"]


def test_no_app_shows_a_client_secret() -> None:
    assert '"client_secret"' not in contents(make_org(apps=250))


def test_the_default_server_has_an_id_but_calls_itself_default() -> None:
    org = make_org()
    server = org.list("authorization_server")[0]

    assert server["id"].startswith("aus")
    assert server["issuer"] == "https://acme.okta.com/oauth2/default"
    assert server["_links"]["self"]["href"].endswith("/authorizationServers/default")


def test_ids_and_links_of_children_name_their_parents() -> None:
    org = make_org()
    server = org.list("authorization_server")[1]
    policy = org.list("as_policy", server["id"])[0]
    rule = org.list("as_rule", server["id"], policy["id"])[0]

    path = f"authorizationServers/{server['id']}/policies/{policy['id']}/rules/{rule['id']}"
    assert rule["_links"]["self"]["href"] == f"https://acme.okta.com/api/v1/{path}"
    assert list(rule)[-1] == "type"


@pytest.mark.parametrize("sizes", [{"apps": 40}, {"apps": 250, "authorization_servers": 6}])
def test_a_clean_org_fails_no_rule(sizes: dict[str, int]) -> None:
    org = make_org(**sizes)

    assert org.planted == {}
    assert failing(org) == {}


@pytest.mark.parametrize("sizes", [{"apps": 4}, {"apps": 25}, {"authorization_servers": 6}])
def test_a_weak_org_fails_exactly_where_it_says(sizes: dict[str, int]) -> None:
    org = make_org("initech.okta.com", weak=True, **sizes)

    assert set(org.planted) == {"AS-01", "AS-02", "AS-04", "AS-06", "APP-12"}
    assert all(len(ids) >= 2 for ids in org.planted.values())
    assert failing(org) == org.planted


@pytest.mark.parametrize("sizes", [{"apps": 3}, {"authorization_servers": 2}])
def test_an_org_too_small_for_its_weaknesses_is_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 3 authorization servers and 4 apps"):
        make_org(weak=True, **sizes)


def failing(org: Org) -> dict[str, set[str]]:
    """Ids by rule, as the audit rules define a failure."""
    found: dict[str, set[str]] = {}

    def note(rule: str, okta_id: str, failed: bool) -> None:
        if failed:
            found.setdefault(rule, set()).add(okta_id)

    for app in org.list("app"):
        note("APP-12", app["id"], has_bad_redirect(app))
    for server in active(org.list("authorization_server")):
        note("AS-06", server["id"], is_not_rotated(org, server))
        for policy in active(org.list("as_policy", server["id"])):
            rules = active(org.list("as_rule", server["id"], policy["id"]))
            clients = policy["conditions"]["clients"]["include"]
            note("AS-01", policy["id"], "ALL_CLIENTS" in clients and bool(rules))
            for rule in rules:
                minutes = rule["actions"]["token"]["accessTokenLifetimeMinutes"]
                note("AS-02", rule["id"], is_catch_all(rule))
                note("AS-04", rule["id"], minutes > 60)
    return found


def active(bodies: list[Body]) -> list[Body]:
    return [body for body in bodies if body["status"] == "ACTIVE"]


def is_catch_all(rule: Body) -> bool:
    conditions = rule["conditions"]
    everyone = "EVERYONE" in conditions["people"]["groups"]["include"]
    machine = "client_credentials" in conditions["grantTypes"]["include"]
    return "*" in conditions["scopes"]["include"] and (everyone or machine)


def is_not_rotated(org: Org, server: Body) -> bool:
    signing = server["credentials"]["signing"]
    keys = {key["status"] for key in org.list("as_key", server["id"])}
    if signing["rotationMode"] == "MANUAL" or "ACTIVE" not in keys:
        return True
    following = datetime.strptime(signing["nextRotation"], "%Y-%m-%dT%H:%M:%S.%fZ")
    return following.replace(tzinfo=UTC).timestamp() < NOW


def has_bad_redirect(app: Body) -> bool:
    client = app["settings"].get("oauthClient", {})
    for uri in client.get("redirect_uris", []):
        parts = urlsplit(uri)
        loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if "*" in uri and client["wildcard_redirect"] == "SUBDOMAIN":
            return True
        if parts.scheme == "http" and not loopback:
            return True
        if loopback and client["application_type"] == "web" and app["status"] == "ACTIVE":
            return True
    return False

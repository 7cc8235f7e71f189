"""Apps as they are created, replaced, switched and deleted."""

from typing import Any

import pytest

from tenants.sandbox.org import Org
from tests.sandbox import app_bodies
from tests.sandbox.app_bodies import Body, oidc, saml
from tests.sandbox.caller import Answer, Caller

APPS = "/api/v1/apps"


def create(manager: Caller, body: Body, query: str = "") -> Any:
    answer = manager.send("POST", APPS + query, body)
    assert answer.status == 200, answer.json()
    return answer.json()


def refusal(answer: Answer) -> tuple[int, str, list[str]]:
    error = answer.json()
    causes = [cause["errorSummary"] for cause in error["errorCauses"]]
    return answer.status, error["errorCode"], causes


def test_a_new_app_is_active_and_found_by_id_and_in_the_list(manager: Caller) -> None:
    app = create(manager, app_bodies.bookmark())

    found = manager.get(f"{APPS}/{app['id']}").json()
    listed = manager.get(f"{APPS}?q=Wiki").json()
    assert found == app
    assert app in listed
    assert (app["status"], len(app["id"]), app["created"]) == (
        *("ACTIVE", 20),
        "2026-09-21T14:13:20.000Z",
    )


def test_an_app_without_a_mode_gets_the_one_of_its_kind(manager: Caller) -> None:
    assert create(manager, app_bodies.bookmark())["signOnMode"] == "BOOKMARK"


@pytest.mark.parametrize(("name", "mode"), [("pagerduty", "BROWSER_PLUGIN"), ("deelhr", None)])
def test_auto_login_turns_into_what_the_catalog_has(
    manager: Caller, name: str, mode: str | None
) -> None:
    body = app_bodies.catalog_app(name, subdomain="acme") | {"signOnMode": "AUTO_LOGIN"}

    assert create(manager, body)["signOnMode"] == mode


def test_a_custom_app_is_named_after_org_and_label(manager: Caller) -> None:
    first, second = create(manager, saml()), create(manager, saml())

    assert (first["name"], second["name"]) == ("acme_payrollportal_1", "acme_payrollportal_2")
    assert first["visibility"]["appLinks"] == {"acme_payrollportal_1_link": True}
    assert first["_links"]["metadata"]["href"].endswith(f"{first['id']}/sso/saml/metadata")


def test_names_of_the_catalog_are_lower_case(manager: Caller) -> None:
    body = app_bodies.SLACK | {"name": "Slack"}

    assert create(manager, body)["name"] == "slack"


def test_an_app_may_start_inactive(manager: Caller) -> None:
    app = create(manager, app_bodies.bookmark(), "?activate=false")

    assert app["status"] == "INACTIVE"
    assert "activate" in app["_links"]
    assert "deactivate" not in app["_links"]


def test_an_oidc_app_shows_its_secret_once(manager: Caller) -> None:
    app = create(manager, oidc())

    client = app["credentials"]["oauthClient"]
    assert client["client_id"] == app["id"]
    assert len(client["client_secret"]) == 64
    assert client["client_secret"].encode() not in manager.get(f"{APPS}/{app['id']}").body
    assert client["client_secret"].encode() not in manager.get(f"{APPS}?limit=200").body


@pytest.mark.parametrize("method", ["none", "private_key_jwt"])
def test_an_app_that_needs_no_secret_has_none(manager: Caller, method: str) -> None:
    app = create(manager, oidc(method=method))

    assert "client_secret" not in app["credentials"]["oauthClient"]
    assert manager.get(f"{APPS}/{app['id']}/credentials/secrets").json() == []


def test_a_client_chooses_its_id_and_secret(manager: Caller) -> None:
    body = oidc()
    chosen = {"client_id": "my-client.id", "client_secret": "fourteen chars"}
    body["credentials"]["oauthClient"] |= chosen

    client = create(manager, body)["credentials"]["oauthClient"]

    assert chosen.items() <= client.items()
    assert refusal(manager.send("POST", APPS, body))[:2] == (400, "E0000001")


def test_public_keys_that_come_with_an_app_are_its_keys(manager: Caller) -> None:
    key = {"kty": "RSA", "kid": "mine", "use": "sig", "e": "AQAB", "n": "w" * 342}

    app = create(manager, oidc(method="private_key_jwt", jwks={"keys": [key]}))

    listed = manager.get(f"{APPS}/{app['id']}/credentials/jwks").json()
    shown = app["settings"]["oauthClient"]["jwks"]["keys"]
    assert [key["id"] for key in listed] == [key["id"] for key in shown]
    assert (shown[0]["kid"], shown[0]["status"]) == ("mine", "ACTIVE")


def test_a_password_is_never_read_back(manager: Caller) -> None:
    body = {
        "name": "template_basic_auth",
        "label": "Intranet",
        "credentials": {
            "scheme": "SHARED_USERNAME_AND_PASSWORD",
            "userName": "shared",
            "password": {"value": "correct horse"},
        },
        "settings": {"app": {"url": "https://a.example.com", "authURL": "https://b.example.com"}},
    }

    app = create(manager, body)

    assert app["credentials"]["password"] == {}
    assert app["credentials"]["userName"] == "shared"


def without(body: Body, *path: str) -> Body:
    *parents, name = path
    inner = body
    for step in parents:
        inner = inner[step]
    del inner[name]
    return body


def changed(body: Body, name: str, value: object) -> Body:
    return body | {name: value}


BAD_BODIES = {
    "no label": without(oidc(), "label"),
    "blank label": oidc(label=""),
    "long label": oidc(label="x" * 101),
    "label of another type": changed(oidc(), "label", 7),
    "unknown mode": changed(oidc(), "signOnMode", "TELEPATHY"),
    "mode of another kind": changed(oidc(), "signOnMode", "BOOKMARK"),
    "unknown name": changed(oidc(), "name", "no_such_app"),
    "neither name nor custom mode": without(oidc(), "name"),
    "no address": without(app_bodies.bookmark(), "settings"),
    "no assertion address": saml(ssoAcsUrl=None),
    "settings of another type": changed(oidc(), "settings", []),
    "no grants": oidc(grant_types=[]),
    "unknown grant": oidc(grant_types=["telepathy"]),
    "no redirect": oidc(redirect_uris=[]),
    "unknown application type": oidc(application_type="toaster"),
    "unknown method": oidc(method="telepathy"),
    "keys that are none": oidc(jwks={"keys": [1]}),
    "short key": oidc(jwks={"keys": [{"kty": "RSA", "e": "AQAB", "n": "AQAB"}]}),
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_a_body_that_makes_no_app_is_refused_and_leaves_nothing(
    manager: Caller, org: Org, body: Body
) -> None:
    before = len(org.list("app"))

    answer = manager.send("POST", APPS, body)

    assert answer.status == 400
    assert answer.json()["errorCode"] in ("E0000001", "E0000003")
    assert len(org.list("app")) == before


@pytest.mark.parametrize("client_id", ["ALL_CLIENTS", "short", "with space", "x" * 101])
def test_a_client_id_that_cannot_be_is_refused(manager: Caller, client_id: str) -> None:
    body = oidc()
    body["credentials"]["oauthClient"]["client_id"] = client_id

    assert manager.send("POST", APPS, body).status == 400


def test_a_used_up_quota_is_no_rate_limit(manager: Caller, org: Org) -> None:
    org.max_apps = len(org.list("app"))

    status, code, causes = refusal(manager.send("POST", APPS, oidc()))

    assert (status, code) == (400, "E0000001")
    assert "Maximum number of instances" in causes[0]


def test_replacing_sets_what_is_named_and_resets_the_rest(manager: Caller, clock: Any) -> None:
    app = create(manager, saml(honorForceAuthn=False) | {"accessibility": {"selfService": True}})
    clock.now += 60
    body = saml("Renamed") | {"id": "0oaOther", "status": "INACTIVE", "created": "1970"}

    answer = manager.send("PUT", f"{APPS}/{app['id']}", body)

    replaced = answer.json()
    assert (answer.status, replaced["label"]) == (200, "Renamed")
    assert replaced["settings"]["signOn"]["honorForceAuthn"] is True
    assert replaced["accessibility"]["selfService"] is False
    for kept in ("id", "name", "status", "created", "_links"):
        assert replaced[kept] == app[kept]
    assert replaced["lastUpdated"] > app["lastUpdated"]
    assert manager.get(f"{APPS}/{app['id']}").json() == replaced


def test_reading_and_replacing_changes_nothing(manager: Caller, org: Org) -> None:
    for app in org.list("app"):
        if app["signOnMode"] is None or app["status"] == "INACTIVE":
            continue
        answer = manager.send("PUT", f"{APPS}/{app['id']}", app)

        assert answer.status == 200, answer.json()
        body = answer.json()
        body["credentials"].get("oauthClient", {}).pop("client_secret", None)
        assert body | {"lastUpdated": app["lastUpdated"]} == app, app["label"]


def test_an_empty_secret_keeps_the_secret_and_shows_it(manager: Caller) -> None:
    app = create(manager, oidc())
    body = oidc("Renamed")
    body["credentials"]["oauthClient"]["client_secret"] = ""

    replaced = manager.send("PUT", f"{APPS}/{app['id']}", body).json()

    assert replaced["credentials"]["oauthClient"] == app["credentials"]["oauthClient"]


def test_another_secret_takes_the_place_of_the_old_one(manager: Caller) -> None:
    app = create(manager, oidc())
    body = oidc()
    body["credentials"]["oauthClient"]["client_secret"] = "another secret!"

    manager.send("PUT", f"{APPS}/{app['id']}", body)

    listed = manager.get(f"{APPS}/{app['id']}/credentials/secrets").json()
    assert [secret["client_secret"] for secret in listed] == ["another secret!"]


def test_a_client_id_never_changes(manager: Caller) -> None:
    app = create(manager, oidc())
    body = oidc()
    body["credentials"]["oauthClient"]["client_id"] = "something-else"

    assert manager.send("PUT", f"{APPS}/{app['id']}", body).status == 400


def test_a_custom_app_without_an_active_instance_cannot_be_replaced(manager: Caller) -> None:
    app = create(manager, saml())
    manager.send("POST", f"{APPS}/{app['id']}/lifecycle/deactivate")

    status, code, causes = refusal(manager.send("PUT", f"{APPS}/{app['id']}", saml()))

    assert (status, code) == (400, "E0000024")
    assert causes[0].endswith("No active instances.")


def test_an_inactive_app_of_the_catalog_can_be_replaced(manager: Caller) -> None:
    app = create(manager, app_bodies.bookmark(), "?activate=false")

    answer = manager.send("PUT", f"{APPS}/{app['id']}", app_bodies.bookmark("Renamed"))

    assert (answer.status, answer.json()["status"]) == (200, "INACTIVE")


def test_an_app_signs_with_a_key_it_has(manager: Caller) -> None:
    app = create(manager, saml())
    path = f"{APPS}/{app['id']}"
    kid = manager.send("POST", f"{path}/credentials/keys/generate?validityYears=2").json()["kid"]

    replaced = manager.send("PUT", path, saml() | {"credentials": {"signing": {"kid": kid}}})
    refused = manager.send("PUT", path, saml() | {"credentials": {"signing": {"kid": "other"}}})

    assert replaced.json()["credentials"]["signing"] == {"kid": kid}
    assert refused.status == 400
    assert manager.send("PUT", path, saml()).json()["credentials"]["signing"] == {"kid": kid}


def test_an_app_that_turns_to_saml_gets_a_key(manager: Caller) -> None:
    body = app_bodies.SLACK | {"signOnMode": "AUTO_LOGIN"}
    path = f"{APPS}/{create(manager, body)['id']}"

    replaced = manager.send("PUT", path, app_bodies.SLACK).json()

    assert replaced["signOnMode"] == "SAML_2_0"
    (key,) = manager.get(f"{path}/credentials/keys").json()
    assert replaced["credentials"]["signing"] == {"kid": key["kid"]}


def test_switching_shows_in_status_and_links_and_may_be_repeated(manager: Caller) -> None:
    app = create(manager, oidc())
    path = f"{APPS}/{app['id']}"

    answers = [manager.send("POST", f"{path}/lifecycle/deactivate") for _ in range(2)]
    inactive = manager.get(path).json()
    manager.send("POST", f"{path}/lifecycle/activate")
    active = manager.get(path).json()

    assert [(answer.status, answer.body) for answer in answers] == [(200, b"{}")] * 2
    assert inactive["status"] == "INACTIVE"
    assert inactive["_links"]["activate"]["href"].endswith("/lifecycle/activate")
    assert "deactivate" not in inactive["_links"]
    assert (active["status"], "activate" in active["_links"]) == ("ACTIVE", False)


def test_an_active_app_is_not_deleted(manager: Caller) -> None:
    app = create(manager, oidc())

    status, code, causes = refusal(manager.send("DELETE", f"{APPS}/{app['id']}"))

    assert (status, code) == (403, "E0000056")
    assert causes == ["The application must be deactivated before deletion."]


def test_a_deleted_app_is_gone_with_everything_below_it(manager: Caller, org: Org) -> None:
    app = create(manager, oidc(), "?activate=false")
    path = f"{APPS}/{app['id']}"

    answer = manager.send("DELETE", path)

    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["content-type"] is None
    for gone in ("", "/credentials/secrets", "/credentials/keys", "/groups", "/grants"):
        refused = manager.get(path + gone)
        assert refused.status == 404
        assert refused.json()["errorSummary"].endswith(f"{app['id']} (AppInstance)")
    assert manager.send("DELETE", path).status == 404
    assert org.list("app_secret", app["id"]) == []


@pytest.mark.parametrize("expand", ["user", "user/", "group/00g1", "user/a,group/b"])
def test_an_expansion_must_be_of_one_user(manager: Caller, org: Org, expand: str) -> None:
    app = org.list("app")[0]["id"]

    for path in (APPS, f"{APPS}/{app}"):
        assert refusal(manager.get(f"{path}?expand={expand}"))[2] == ["Expand query is malformed."]


def test_an_expansion_of_a_list_needs_the_filter_for_the_same_user(manager: Caller) -> None:
    of_same = manager.get(f"{APPS}?expand=user/00u1&filter=user.id+eq+%2200u1%22")
    of_other = manager.get(f"{APPS}?expand=user/00u1&filter=user.id+eq+%2200u2%22")

    assert (of_same.status, of_other.status) == (200, 400)


def test_a_policy_is_assigned_to_an_app(manager: Caller, org: Org) -> None:
    app, policy = org.list("app")[0], org.list("sign_on_policy")[1]["id"]

    answer = manager.send("PUT", f"{APPS}/{app['id']}/policies/{policy}")

    shown = manager.get(f"{APPS}/{app['id']}").json()
    assert (answer.status, answer.body) == (204, b"")
    assert shown["_links"]["accessPolicy"]["href"].endswith(f"/api/v1/policies/{policy}")


def test_the_policy_of_the_admin_console_stays_where_it_is(manager: Caller, org: Org) -> None:
    console = next(app for app in org.list("app") if app["name"] == "saasure")
    usual, _, own, _ = org.list("sign_on_policy")

    for app, policy in ((org.list("app")[0], own), (console, usual)):
        answer = manager.send("PUT", f"{APPS}/{app['id']}/policies/{policy['id']}")

        assert refusal(answer) == (
            400,
            "E0000001",
            [
                'This policy belongs to "Okta Admin Console", and re-assignment of this policy'
                " is not allowed"
            ],
        )


def test_a_policy_must_exist_and_be_about_signing_in(manager: Caller, org: Org) -> None:
    app, enrollment = org.list("app")[0]["id"], org.list("sign_on_policy")[3]["id"]

    unknown = manager.send("PUT", f"{APPS}/{app}/policies/rst1")

    assert (unknown.status, unknown.json()["errorSummary"][-8:]) == (404, "(Policy)")
    assert manager.send("PUT", f"{APPS}/{app}/policies/{enrollment}").status == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_app_is_named_with_its_class(manager: Caller, method: str) -> None:
    answer = manager.send(method, f"{APPS}/0oaGone", oidc() if method == "PUT" else None)

    summary = "Not found: Resource not found: 0oaGone (AppInstance)"
    assert (answer.status, answer.json()["errorSummary"]) == (404, summary)


def test_reading_scopes_change_nothing(client: Caller, org: Org) -> None:
    app = org.list("app")[0]["id"]

    def refused(method: str, path: str) -> int:
        return client.send(method, path, {}).status

    assert refused("POST", APPS) == 403
    assert refused("DELETE", f"{APPS}/{app}") == 403
    assert refused("POST", f"{APPS}/{app}/lifecycle/deactivate") == 403

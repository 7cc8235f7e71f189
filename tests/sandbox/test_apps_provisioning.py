"""Connections of apps to the services behind them, and what they provision."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tenants.sandbox.org import Org
from tests.sandbox.app_bodies import ORG2ORG, SLACK, ZSCALER, bookmark
from tests.sandbox.caller import Answer, Caller

APPS = "/api/v1/apps"
UNKNOWN = {"status": "UNKNOWN", "profile": {"authScheme": "UNKNOWN"}}
TOKEN = {"profile": {"authScheme": "TOKEN", "token": "a secret token"}}
SIGNED = {"authScheme": "OAUTH2", "clientId": "0oaTarget", "signing": {"rotationMode": "AUTO"}}


def create(manager: Caller, body: Any) -> str:
    """The path of a new app."""
    return f"{APPS}/{manager.send('POST', APPS, body).json()['id']}"


@pytest.fixture
def org2org(manager: Caller) -> str:
    return create(manager, ORG2ORG)


@pytest.fixture
def slack(manager: Caller) -> str:
    return create(manager, SLACK)


def connect(manager: Caller, app: str, body: object = TOKEN, query: str = "") -> Answer:
    return manager.send("POST", f"{app}/connections/default{query}", body)


def activate(manager: Caller, app: str, change: str = "activate") -> Answer:
    return manager.send("POST", f"{app}/connections/default/lifecycle/{change}")


def status(manager: Caller, app: str) -> str:
    return str(manager.get(f"{app}/connections/default").json()["status"])


def cause(answer: Answer) -> str:
    assert (answer.status, answer.json()["errorCode"]) == (400, "E0000001")
    return str(answer.json()["errorCauses"][0]["errorSummary"])


def test_an_app_that_cannot_provision_stays_unknown(manager: Caller) -> None:
    app = create(manager, bookmark())

    answers = [connect(manager, app, {"profile": {"authScheme": "UNKNOWN"}}, "?activate=true")]
    switched = [activate(manager, app, change) for change in ("activate", "deactivate")]

    assert [(answer.status, answer.json()) for answer in answers] == [(200, UNKNOWN)]
    assert [(answer.status, answer.body) for answer in switched] == [(204, b"")] * 2
    assert manager.get(f"{app}/connections/default").json() == UNKNOWN
    assert cause(connect(manager, app)) == "Provisioning is not supported."
    for path in ("features", "features/USER_PROVISIONING"):
        assert cause(manager.get(f"{app}/{path}")) == "Provisioning is not supported."


def test_a_connection_is_set_first_and_enabled_then(manager: Caller, org2org: str) -> None:
    before = activate(manager, org2org).status, status(manager, org2org)
    answer = connect(manager, org2org)
    set_alone = status(manager, org2org)
    activate(manager, org2org)

    connection = manager.get(f"{org2org}/connections/default").json()
    assert before == (204, "DISABLED")
    assert (answer.status, set_alone) == (200, "DISABLED")
    assert (connection["status"], connection["authScheme"]) == ("ENABLED", "TOKEN")
    assert "deactivate" in connection["_links"]
    activate(manager, org2org, "deactivate")
    assert status(manager, org2org) == "DISABLED"


def test_a_token_is_never_shown(manager: Caller, org2org: str, org: Org) -> None:
    answer = connect(manager, org2org, TOKEN, "?activate=true")

    assert answer.json()["status"] == "ENABLED"
    assert b"a secret token" not in answer.body
    assert b"a secret token" not in manager.get(f"{org2org}/connections/default").body


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"profile": None},
        {"profile": {"authScheme": "MAGIC"}},
        {"profile": {"authScheme": "UNKNOWN"}},
        {"profile": {"authScheme": "TOKEN"}},
        {"profile": {"authScheme": "TOKEN", "token": 1}},
        {"profile": {"authScheme": "OAUTH2"}},
        {"profile": {"authScheme": "OAUTH2", "clientId": "0oa1", "signing": {"rotationMode": 1}}},
    ],
)
def test_a_connection_that_makes_no_sense_is_refused(
    manager: Caller, org2org: str, body: object
) -> None:
    assert connect(manager, org2org, body).status == 400
    assert status(manager, org2org) == "DISABLED"


def test_some_apps_must_be_told_where_their_service_is(manager: Caller) -> None:
    app = create(manager, ZSCALER)
    address = {"baseUrl": "https://scim.example.com/8"}

    assert "baseUrl" in cause(connect(manager, app))
    assert connect(manager, app, TOKEN | address).json()["baseUrl"] == address["baseUrl"]


def test_an_org_signs_for_the_org_it_provisions(manager: Caller, org2org: str) -> None:
    before = manager.get(f"{org2org}/connections/default/jwks").status
    connection = connect(manager, org2org, {"profile": SIGNED}).json()

    (key,) = manager.get(f"{org2org}/connections/default/jwks").json()["jwks"]["keys"]

    assert before == 404
    assert connection["profile"] == SIGNED
    assert (key["kty"], key["use"], len(key["n"])) == ("RSA", "sig", 342)


def test_consent_comes_before_a_connection_works(manager: Caller, slack: str) -> None:
    app_id = slack.rpartition("/")[2]
    connection = connect(manager, slack, {"profile": {"authScheme": "OAUTH2"}}).json()
    href = connection["_links"]["authorize"]["href"]
    (state,) = parse_qs(urlsplit(href).query)["state"]
    callback = f"{APPS}/slack/{app_id}/oauth2/callback"

    without = activate(manager, slack).status, status(manager, slack)
    answers = [manager.send("POST", f"{callback}?code=c&state={state}") for _ in range(2)]
    activate(manager, slack)

    assert without == (204, "DISABLED")
    assert [answer.status for answer in answers] == [204, 400]
    assert status(manager, slack) == "ENABLED"
    assert "authorize" not in manager.get(f"{slack}/connections/default").json()["_links"]


def test_consent_is_for_the_app_and_not_for_its_name_to_a_narrow_role(
    manager: Caller, org: Org, slack: str
) -> None:
    app_id = slack.rpartition("/")[2]
    callback = f"{APPS}/slack/{app_id}/oauth2/callback"

    statuses = []
    for visible in (frozenset({app_id}), frozenset[str]()):
        org.visible = {"app": visible}
        statuses.append(manager.send("POST", callback).status)

    assert statuses == [400, 403]


@pytest.mark.parametrize("query", ["", "?code=c", "?state=s", "?code=c&state=guessed"])
def test_consent_must_be_the_one_asked_for(manager: Caller, slack: str, query: str) -> None:
    connect(manager, slack, {"profile": {"authScheme": "OAUTH2"}})
    callback = f"{APPS}/slack/{slack.rpartition('/')[2]}/oauth2/callback"

    assert manager.send("POST", callback + query).status == 400


def test_consent_is_for_apps_of_that_name(manager: Caller, slack: str, org2org: str) -> None:
    for name, app in (("google", slack), ("okta_org2org", org2org)):
        path = f"{APPS}/{name}/{app.rpartition('/')[2]}/oauth2/callback?code=c&state=s"

        assert manager.send("POST", path).status == 404


def test_features_come_and_go_with_the_connection(manager: Caller, org2org: str) -> None:
    connect(manager, org2org)
    disabled = cause(manager.get(f"{org2org}/features"))
    activate(manager, org2org)

    features = manager.get(f"{org2org}/features").json()

    assert disabled == "Provisioning is not enabled for the app instance."
    assert [feature["name"] for feature in features] == [
        *("USER_PROVISIONING", "INBOUND_PROVISIONING"),
    ]
    assert manager.get(f"{org2org}/features/USER_PROVISIONING").json() == features[0]
    unknown = manager.get(f"{org2org}/features/LEVITATION")
    summary = "Not found: Resource not found: LEVITATION (PublicAppFeatureSetName)"
    assert (unknown.status, unknown.json()["errorSummary"]) == (404, summary)


def test_a_feature_is_changed_in_part_and_shows_in_the_app(manager: Caller, org2org: str) -> None:
    connect(manager, org2org, TOKEN, "?activate=true")
    path = f"{org2org}/features/USER_PROVISIONING"
    before = manager.get(path).json()["capabilities"]
    change = {"create": {"lifecycleCreate": {"status": "ENABLED"}}}

    answer = manager.send("PUT", path, change)

    capabilities = answer.json()["capabilities"]
    assert (answer.status, capabilities) == (200, before | change)
    assert manager.get(path).json() == answer.json()
    assert manager.get(org2org).json()["features"] == ["PUSH_NEW_USERS"]
    activate(manager, org2org, "deactivate")
    assert manager.get(org2org).json()["features"] == []


def test_imports_are_scheduled_and_stopped_again(manager: Caller, org2org: str) -> None:
    connect(manager, org2org, TOKEN, "?activate=true")
    path = f"{org2org}/features/INBOUND_PROVISIONING"
    every_sunday = {"expression": "0 0 * * 0", "timezone": "America/New_York"}

    schedules = [
        manager.send("PUT", path, {"importSettings": {"schedule": {"fullImport": schedule}}})
        for schedule in (every_sunday, None)
    ]

    assert [
        answer.json()["capabilities"]["importSettings"]["schedule"]["fullImport"]
        for answer in schedules
    ] == [every_sunday, None]


@pytest.mark.parametrize(
    "body",
    [
        {"create": {"lifecycleCreate": {"status": "MAYBE"}}},
        {"create": []},
        {"update": {"password": {"seed": 1}}},
    ],
)
def test_a_capability_has_its_words(manager: Caller, org2org: str, body: object) -> None:
    connect(manager, org2org, TOKEN, "?activate=true")
    path = f"{org2org}/features/USER_PROVISIONING"
    before = manager.get(path).json()

    assert manager.send("PUT", path, body).json()["errorCode"] == "E0000003"
    assert manager.get(path).json() == before


def test_an_empty_body_is_refused_before_anything_else(manager: Caller) -> None:
    app = create(manager, bookmark())

    answer = manager.send("PUT", f"{app}/features/USER_PROVISIONING")

    assert (answer.status, answer.json()["errorCode"]) == (400, "E0000003")


def test_an_app_from_the_start_provisions_what_it_says(manager: Caller, org: Org) -> None:
    app = next(app for app in org.list("app") if "PUSH_NEW_USERS" in app["features"])

    feature = manager.get(f"{APPS}/{app['id']}/features/USER_PROVISIONING").json()

    assert status(manager, f"{APPS}/{app['id']}") == "ENABLED"
    assert feature["capabilities"]["create"]["lifecycleCreate"]["status"] == "ENABLED"
    assert feature["capabilities"]["update"]["password"]["status"] == "DISABLED"

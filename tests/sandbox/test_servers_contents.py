"""Scopes and claims of an authorization server."""

import pytest

from tenants.sandbox.store import Body
from tests.sandbox.caller import Answer, Caller

SERVER = "/api/v1/authorizationServers/default"
SCOPES, CLAIMS = f"{SERVER}/scopes", f"{SERVER}/claims"
CLAIM: Body = {
    "name": "department",
    "claimType": "RESOURCE",
    "valueType": "EXPRESSION",
    "value": "user.department",
}
GROUPS: Body = {
    **CLAIM,
    "valueType": "GROUPS",
    "value": "staff",
    "group_filter_type": "STARTS_WITH",
}


def named(manager: Caller, path: str, name: str) -> Body:
    return next(body for body in manager.get(path).json() if body["name"] == name)


def refused(answer: Answer) -> str:
    body = answer.json()
    assert (answer.status, body["errorCode"]) == (400, "E0000001")
    cause: str = body["errorCauses"][0]["errorSummary"]
    return cause


# Scopes


def test_a_new_scope_has_the_defaults(manager: Caller) -> None:
    answer = manager.send("POST", SCOPES, {"name": "orders:read"})

    scope = answer.json()
    assert answer.status == 201
    assert (scope["consent"], scope["metadataPublish"]) == ("IMPLICIT", "NO_CLIENTS")
    assert (scope["system"], scope["default"], scope["optional"]) == (False, False, False)
    assert manager.get(f"{SCOPES}/{scope['id']}").json() == scope
    assert named(manager, SCOPES, "orders:read") == scope


def test_scopes_carry_a_link_only_when_more_follow(manager: Caller) -> None:
    whole = manager.get(SCOPES)
    first = manager.get(f"{SCOPES}?limit=5")

    assert whole.links == {}
    rest = manager.get(first.links["next"].removeprefix("https://acme.okta.com"))
    assert [*first.json(), *rest.json()] == whole.json()


def test_one_scope_at_most_is_the_default(manager: Caller) -> None:
    manager.send("POST", SCOPES, {"name": "a", "default": True})

    manager.send("POST", SCOPES, {"name": "b", "default": True})

    assert [body["name"] for body in manager.get(SCOPES).json() if body["default"]] == ["b"]


def test_a_renamed_scope_is_renamed_where_it_is_used(manager: Caller) -> None:
    scope = manager.send("POST", SCOPES, {"name": "old"}).json()
    claim = manager.send("POST", CLAIMS, {**CLAIM, "conditions": {"scopes": ["old"]}}).json()
    policy = manager.get(f"{SERVER}/policies").json()[0]["id"]
    rule: Body = {
        "type": "RESOURCE_ACCESS",
        "name": "Jobs",
        "conditions": {
            "grantTypes": {"include": ["client_credentials"]},
            "scopes": {"include": ["old", "email"]},
        },
    }
    rules = f"{SERVER}/policies/{policy}/rules"
    rule_id = manager.send("POST", rules, rule).json()["id"]

    manager.send("PUT", f"{SCOPES}/{scope['id']}", {"name": "new"})
    after_renaming = manager.get(f"{rules}/{rule_id}").json()["conditions"]["scopes"]
    manager.send("DELETE", f"{SCOPES}/{scope['id']}")

    assert after_renaming == {"include": ["new", "email"]}
    conditions = manager.get(f"{rules}/{rule_id}").json()["conditions"]
    assert conditions["scopes"] == {"include": ["email"]}
    assert manager.get(f"{CLAIMS}/{claim['id']}").json()["conditions"] == {"scopes": []}
    assert manager.get(f"{SCOPES}/{scope['id']}").status == 404


def test_a_system_scope_keeps_its_name_and_stays(manager: Caller) -> None:
    path = f"{SCOPES}/{named(manager, SCOPES, 'email')['id']}"

    changed = manager.send("PUT", path, {"name": "email", "consent": "REQUIRED"}).json()

    assert (changed["consent"], changed["system"]) == ("REQUIRED", True)
    assert refused(manager.send("PUT", path, {"name": "mail"})).startswith("name: ")
    assert manager.send("DELETE", path).status == 403
    assert manager.get(path).json() == changed


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({}, "name", id="no name"),
        pytest.param({"name": "two words"}, "name", id="a space"),
        pytest.param({"name": "openid"}, "name", id="taken"),
        pytest.param({"name": "x", "consent": "NEVER"}, "consent", id="unknown consent"),
        pytest.param({"name": "x", "metadataPublish": True}, "metadataPublish", id="wrong type"),
        pytest.param({"name": "x", "default": "yes"}, "default", id="not a flag"),
        pytest.param({"name": "x", "displayName": {}}, "displayName", id="not a text"),
    ],
)
def test_a_scope_that_makes_no_sense_is_refused(manager: Caller, body: Body, field: str) -> None:
    assert refused(manager.send("POST", SCOPES, body)).startswith(f"{field}: ")


# Claims


def test_a_new_claim_of_an_access_token_is_always_included(manager: Caller) -> None:
    answer = manager.send("POST", CLAIMS, {**CLAIM, "alwaysIncludeInToken": False})

    claim = answer.json()
    assert answer.status == 201
    assert (claim["status"], claim["system"], claim["alwaysIncludeInToken"]) == (
        "ACTIVE",
        False,
        True,
    )
    assert claim["conditions"] == {"scopes": []}
    assert manager.get(f"{CLAIMS}/{claim['id']}").json() == claim
    assert named(manager, CLAIMS, "department") == claim


def test_a_claim_of_an_id_token_is_included_when_asked_for(manager: Caller) -> None:
    body = {**CLAIM, "claimType": "IDENTITY"}

    claim = manager.send("POST", CLAIMS, body).json()

    assert claim["alwaysIncludeInToken"] is False


def test_a_claim_of_groups_says_how_they_are_chosen(manager: Caller) -> None:
    claim = manager.send("POST", CLAIMS, GROUPS).json()

    replaced = manager.send("PUT", f"{CLAIMS}/{claim['id']}", {**CLAIM, "status": "INACTIVE"})

    assert (claim["valueType"], claim["group_filter_type"]) == ("GROUPS", "STARTS_WITH")
    assert replaced.status == 200
    assert replaced.json()["status"] == "INACTIVE"
    assert "group_filter_type" not in replaced.json()


def test_a_claim_can_be_deleted_unless_okta_made_it(manager: Caller) -> None:
    own = f"{CLAIMS}/{manager.send('POST', CLAIMS, CLAIM).json()['id']}"
    system = f"{CLAIMS}/{named(manager, CLAIMS, 'sub')['id']}"

    assert manager.send("DELETE", own).status == 204
    assert manager.get(own).status == 404
    assert manager.send("DELETE", system).status == 403
    assert manager.get(system).status == 200


def test_a_system_claim_may_change_but_not_its_kind(manager: Caller) -> None:
    claim = named(manager, CLAIMS, "zoneinfo")
    path = f"{CLAIMS}/{claim['id']}"

    changed = manager.send("PUT", path, {**claim, "status": "INACTIVE"}).json()

    assert (changed["status"], "value" in changed) == ("INACTIVE", False)
    assert refused(manager.send("PUT", path, {**claim, "name": "tz"})).startswith("name: ")
    assert refused(manager.send("PUT", path, CLAIM)).startswith("valueType: ")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({**CLAIM, "name": None}, "name", id="no name"),
        pytest.param({**CLAIM, "claimType": "ACCESS"}, "claimType", id="unknown type"),
        pytest.param({**CLAIM, "valueType": "SYSTEM"}, "valueType", id="only Okta makes these"),
        pytest.param({**CLAIM, "value": ""}, "value", id="no value"),
        pytest.param({**GROUPS, "group_filter_type": None}, "group_filter_type", id="no filter"),
        pytest.param({**GROUPS, "group_filter_type": "LIKE"}, "group_filter_type", id="unknown"),
        pytest.param(
            {**GROUPS, "group_filter_type": "REGEX", "value": "("}, "value", id="no pattern"
        ),
        pytest.param(
            {**CLAIM, "conditions": {"scopes": ["nowhere"]}}, "conditions.scopes", id="no scope"
        ),
        pytest.param({**CLAIM, "name": "sub"}, "name", id="taken"),
    ],
)
def test_a_claim_that_makes_no_sense_is_refused(manager: Caller, body: Body, field: str) -> None:
    assert refused(manager.send("POST", CLAIMS, body)).startswith(f"{field}: ")

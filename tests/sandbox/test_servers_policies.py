"""Access policies of an authorization server, and their rules."""

from typing import Any

import pytest

from tenants.sandbox.org import Org
from tenants.sandbox.store import Body
from tests.sandbox.caller import Answer, Caller
from tests.sandbox.conftest import Clock

POLICIES = "/api/v1/authorizationServers/default/policies"
POLICY: Body = {
    "type": "OAUTH_AUTHORIZATION_POLICY",
    "name": "Jobs",
    "description": "What runs at night",
    "conditions": {"clients": {"include": ["ALL_CLIENTS"]}},
}
RULE: Body = {
    "type": "RESOURCE_ACCESS",
    "name": "Nightly",
    "conditions": {
        "grantTypes": {"include": ["client_credentials"]},
        "scopes": {"include": ["*"]},
    },
}


def with_token(**lifetimes: object) -> Body:
    return {**RULE, "actions": {"token": lifetimes}}


def with_condition(**conditions: object) -> Body:
    return {**RULE, "conditions": {**RULE["conditions"], **conditions}}


def refused(answer: Answer) -> str:
    """The first cause, of a validation that failed."""
    body = answer.json()
    assert (answer.status, body["errorCode"]) == (400, "E0000001")
    cause: str = body["errorCauses"][0]["errorSummary"]
    return cause


def order(manager: Caller, path: str) -> list[tuple[int, str]]:
    return [(body["priority"], body["name"]) for body in manager.get(path).json()]


@pytest.fixture
def rules(manager: Caller) -> str:
    """The path of the rules of a policy that has none."""
    return f"{POLICIES}/{manager.send('POST', POLICIES, POLICY).json()['id']}/rules"


# Policies


def test_a_new_policy_is_active_and_last(manager: Caller) -> None:
    answer = manager.send("POST", POLICIES, POLICY)

    policy = answer.json()
    assert answer.status == 201
    assert (policy["status"], policy["system"], policy["priority"]) == ("ACTIVE", False, 2)
    assert policy["_links"]["self"]["href"].endswith(f"{POLICIES}/{policy['id']}")
    assert manager.get(f"{POLICIES}/{policy['id']}").json() == policy
    assert manager.get(POLICIES).json()[-1] == policy


def test_a_policy_put_first_moves_the_others_back(manager: Caller) -> None:
    manager.send("POST", POLICIES, {**POLICY, "name": "First", "priority": 1})
    manager.send("POST", POLICIES, {**POLICY, "name": "Far", "priority": 50})

    path = f"{POLICIES}/{manager.get(POLICIES).json()[0]['id']}"
    before = order(manager, POLICIES)
    manager.send("PUT", path, {**POLICY, "name": "First", "priority": 2})

    assert before == [(1, "First"), (2, "Known web apps"), (3, "Far")]
    assert order(manager, POLICIES) == [(1, "Known web apps"), (2, "First"), (3, "Far")]


def test_the_policies_behind_a_deleted_one_move_up(manager: Caller) -> None:
    first = manager.send("POST", POLICIES, {**POLICY, "name": "First", "priority": 1}).json()

    deleted = manager.send("DELETE", f"{POLICIES}/{first['id']}")

    assert (deleted.status, deleted.body) == (204, b"")
    assert order(manager, POLICIES) == [(1, "Known web apps")]
    assert manager.get(f"{POLICIES}/{first['id']}").status == 404


def test_a_replaced_policy_keeps_its_place(manager: Caller, clock: Clock) -> None:
    path = f"{POLICIES}/{manager.get(POLICIES).json()[0]['id']}"
    clock.now += 60

    answer = manager.send("PUT", path, {**POLICY, "status": "INACTIVE"})

    policy = answer.json()
    assert answer.status == 200
    assert (policy["name"], policy["priority"], policy["status"]) == ("Jobs", 1, "INACTIVE")
    assert policy["lastUpdated"] == "2026-09-21T14:14:20.000Z"
    assert "activate" in policy["_links"]


def test_lifecycle_of_a_policy_answers_204(manager: Caller) -> None:
    path = f"{POLICIES}/{manager.get(POLICIES).json()[0]['id']}"

    for change, status in (("deactivate", "INACTIVE"), ("activate", "ACTIVE")):
        answers = [manager.send("POST", f"{path}/lifecycle/{change}") for _ in range(2)]

        assert [(answer.status, answer.body) for answer in answers] == [(204, b"")] * 2
        assert manager.get(path).json()["status"] == status


def test_a_policy_may_name_apps_and_integrations(manager: Caller, org: Org) -> None:
    server_id = org.list("authorization_server")[0]["id"]
    ids = [org.client_id, org.list("as_client", server_id)[0]["client_id"]]

    answer = manager.send("POST", POLICIES, {**POLICY, "conditions": {"clients": {"include": ids}}})

    assert answer.json()["conditions"] == {"clients": {"include": ids}}


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        pytest.param({**POLICY, "name": None}, "name: ", id="no name"),
        pytest.param({**POLICY, "name": "x" * 101}, "name: ", id="long name"),
        pytest.param({**POLICY, "description": ""}, "description: ", id="no description"),
        pytest.param({**POLICY, "type": "OKTA_SIGN_ON"}, "type: ", id="another type"),
        pytest.param({**POLICY, "status": "DELETED"}, "status: ", id="unknown status"),
        pytest.param({**POLICY, "priority": 0}, "priority: ", id="priority 0"),
        pytest.param({**POLICY, "priority": "1"}, "priority: ", id="priority is a text"),
        pytest.param({**POLICY, "conditions": {}}, "conditions.clients.include: ", id="nobody"),
        pytest.param(
            {**POLICY, "conditions": {"clients": {"include": ["0oaNobody"]}}},
            "conditions.clients.include: Invalid client: 0oaNobody",
            id="unknown client",
        ),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(manager: Caller, body: Body, cause: str) -> None:
    path = f"{POLICIES}/{manager.get(POLICIES).json()[0]['id']}"
    before = manager.get(POLICIES).json()

    assert refused(manager.send("POST", POLICIES, body)).startswith(cause)
    assert refused(manager.send("PUT", path, body)).startswith(cause)
    assert manager.get(POLICIES).json() == before


def test_what_okta_made_is_not_deleted(manager: Caller, org: Org, rules: str) -> None:
    server_id = org.list("authorization_server")[0]["id"]
    policy = org.list("as_policy", server_id)[-1]
    rule = manager.send("POST", rules, RULE).json()
    org.put("as_rule", {**rule, "system": True}, server_id, policy["id"])
    org.put("as_policy", {**policy, "system": True}, server_id)

    for path in (f"{rules}/{rule['id']}", rules.removesuffix("/rules")):
        answer = manager.send("DELETE", path)

        assert (answer.status, answer.json()["errorCode"]) == (403, "E0000006")
        assert manager.get(path).status == 200


# Rules


def test_a_new_rule_fills_in_what_was_left_out(manager: Caller, rules: str) -> None:
    answer = manager.send("POST", rules, {**RULE, "conditions": {**RULE["conditions"]}})

    rule = answer.json()
    assert answer.status == 201
    assert (rule["status"], rule["priority"], rule["system"]) == ("ACTIVE", 1, False)
    assert rule["conditions"]["people"] == {"users": {"exclude": []}}
    assert rule["actions"]["token"] == {
        "accessTokenLifetimeMinutes": 60,
        "refreshTokenLifetimeMinutes": 0,
        "refreshTokenWindowMinutes": 10_080,
    }
    assert list(rule)[-1] == "type"
    assert manager.get(f"{rules}/{rule['id']}").json() == rule
    assert manager.get(rules).json() == [rule]


def test_a_rule_for_people_is_kept_as_it_was_sent(manager: Caller, rules: str) -> None:
    conditions = {
        "people": {"users": {}, "groups": {"include": ["EVERYONE"]}},
        "grantTypes": {"include": ["implicit", "password"]},
        "scopes": {},
    }
    hook = {"inlineHook": {"id": "cal1"}, "refreshTokenWindowMinutes": 10}

    rule = manager.send(
        "POST", rules, {**RULE, "conditions": conditions, "actions": {"token": hook}}
    ).json()

    assert rule["conditions"] == {
        "people": {"users": {"exclude": []}, "groups": {"include": ["EVERYONE"]}},
        "grantTypes": {"include": ["implicit", "password"]},
        "scopes": {"include": []},
    }
    assert rule["actions"]["token"]["inlineHook"] == {"id": "cal1"}
    assert rule["actions"]["token"]["refreshTokenWindowMinutes"] == 10


def test_rules_keep_their_priorities_in_order(manager: Caller, rules: str) -> None:
    first = manager.send("POST", rules, {**RULE, "name": "a"}).json()
    manager.send("POST", rules, {**RULE, "name": "b", "priority": 1})

    before = order(manager, rules)
    manager.send("PUT", f"{rules}/{first['id']}", {**RULE, "name": "a", "priority": 1})
    moved = order(manager, rules)
    manager.send("DELETE", f"{rules}/{first['id']}")

    assert before == [(1, "b"), (2, "a")]
    assert moved == [(1, "a"), (2, "b")]
    assert order(manager, rules) == [(1, "b")]


def test_lifecycle_of_a_rule_answers_204(manager: Caller, rules: str) -> None:
    path = f"{rules}/{manager.send('POST', rules, RULE).json()['id']}"

    answer = manager.send("POST", f"{path}/lifecycle/deactivate")

    assert (answer.status, answer.body) == (204, b"")
    assert manager.get(path).json()["status"] == "INACTIVE"
    assert "activate" in manager.get(path).json()["_links"]


def test_rules_go_with_their_policy(manager: Caller, rules: str) -> None:
    path = f"{rules}/{manager.send('POST', rules, RULE).json()['id']}"

    manager.send("DELETE", rules.removesuffix("/rules"))

    assert manager.get(path).json()["errorSummary"].endswith("(Policy)")


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        pytest.param({**RULE, "type": None}, "type: ", id="no type"),
        pytest.param({**RULE, "name": ""}, "name: ", id="no name"),
        pytest.param({**RULE, "conditions": None}, "conditions: ", id="no conditions"),
        pytest.param({**RULE, "conditions": []}, "conditions: ", id="conditions in a list"),
        pytest.param(with_condition(grantTypes={}), "conditions.grantTypes", id="no grant type"),
        pytest.param(
            with_condition(grantTypes={"include": ["client-credentials"]}),
            "conditions.grantTypes.include: Invalid grant type: client-credentials",
            id="unknown grant type",
        ),
        pytest.param(
            with_condition(grantTypes={"include": ["authorization_code"]}),
            "conditions.people: At least one of ''conditions.people.users.include'' or ",
            id="nobody for a grant with people",
        ),
        pytest.param(
            with_condition(scopes={"include": ["orders:read"]}),
            "conditions.scopes.include: Invalid scope: orders:read",
            id="scope of another server",
        ),
        pytest.param(with_token(accessTokenLifetimeMinutes=4), "actions.token.access", id="4 min"),
        pytest.param(
            with_token(accessTokenLifetimeMinutes=1441), "actions.token.access", id="over a day"
        ),
        pytest.param(
            with_token(accessTokenLifetimeMinutes=True), "actions.token.access", id="not a number"
        ),
        pytest.param(
            with_token(refreshTokenLifetimeMinutes=59),
            "actions.token.refreshTokenLifetimeMinutes: ",
            id="refreshed less long than used",
        ),
        pytest.param(
            with_token(refreshTokenWindowMinutes=9), "actions.token.refreshTokenW", id="9 min"
        ),
        pytest.param(
            with_token(refreshTokenWindowMinutes=2_628_001),
            "actions.token.refreshTokenW",
            id="over five years",
        ),
        pytest.param(with_token(inlineHook={"id": 1}), "actions.token.inlineHook", id="no hook"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    manager: Caller, rules: str, body: Any, cause: str
) -> None:
    path = f"{rules}/{manager.send('POST', rules, RULE).json()['id']}"
    before = manager.get(rules).json()

    assert refused(manager.send("POST", rules, body)).startswith(cause)
    assert refused(manager.send("PUT", path, body)).startswith(cause)
    assert manager.get(rules).json() == before


def test_the_longest_and_shortest_lifetimes_are_allowed(manager: Caller, rules: str) -> None:
    longest = with_token(
        accessTokenLifetimeMinutes=1440,
        refreshTokenLifetimeMinutes=1440,
        refreshTokenWindowMinutes=2_628_000,
    )

    answers = [
        manager.send("POST", rules, body).status
        for body in (longest, with_token(accessTokenLifetimeMinutes=5))
    ]

    assert answers == [201, 201]


def test_every_seeded_rule_could_be_put_back(manager: Caller, org: Org) -> None:
    """What the sandbox was filled with keeps the rules that it sets for clients."""
    for server in org.list("authorization_server"):
        path = f"/api/v1/authorizationServers/{server['id']}/policies"
        for policy in manager.get(path).json():
            assert manager.send("PUT", f"{path}/{policy['id']}", policy).status == 200
            for rule in manager.get(f"{path}/{policy['id']}/rules").json():
                answer = manager.send("PUT", f"{path}/{policy['id']}/rules/{rule['id']}", rule)
                assert answer.status == 200

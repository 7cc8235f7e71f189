"""Who gets a token from a server, and for how long: access policies and their rules."""

from typing import Any

from tests.conformance.guide import Guide
from tests.conformance.tour.bodies import NOBODY

POLICY = "AuthorizationServerPolicy"
RULE = "AuthorizationServerPolicyRule"


def tour(guide: Guide) -> None:
    server = {"name": "With policies", "audiences": ["https://api.example.com/policies"]}
    server_id = guide.ask("createAuthorizationServer", body=server)["id"]
    policy = guide.ask(f"create{POLICY}", server_id, body=_policy("Everybody"))
    _change_policy(guide, server_id, policy["id"])
    _make_rules(guide, server_id, policy["id"])
    guide.expect((400, "E0000001"), f"create{POLICY}", server_id, body={"name": "no conditions"})
    guide.ask(f"delete{POLICY}", server_id, policy["id"])
    guide.expect((404, "E0000007"), f"get{POLICY}", server_id, policy["id"])


def _policy(name: str, **stated: Any) -> dict[str, Any]:
    return {
        "type": "OAUTH_AUTHORIZATION_POLICY",
        "status": "ACTIVE",
        "name": name,
        "description": "For the tour",
        "priority": 1,
        "conditions": {"clients": {"include": ["ALL_CLIENTS"]}},
        **stated,
    }


def _change_policy(guide: Guide, server_id: str, policy_id: str) -> None:
    guide.ask("listAuthorizationServerPolicies", server_id)
    guide.ask(f"get{POLICY}", server_id, policy_id)
    guide.ask(f"replace{POLICY}", server_id, policy_id, body=_policy("Everybody, still"))
    guide.ask(f"deactivate{POLICY}", server_id, policy_id)
    guide.ask(f"get{POLICY}", server_id, policy_id)
    guide.ask(f"activate{POLICY}", server_id, policy_id)


def _make_rules(guide: Guide, server_id: str, policy_id: str) -> None:
    path = (server_id, policy_id)
    rule = guide.ask(f"create{RULE}", *path, body=_rule("Jobs"))
    guide.ask(f"list{RULE}s", *path)
    guide.ask(f"get{RULE}", *path, rule["id"])
    guide.ask(f"replace{RULE}", *path, rule["id"], body=_rule("Jobs at night"))
    guide.ask(f"deactivate{RULE}", *path, rule["id"])
    guide.ask(f"get{RULE}", *path, rule["id"])
    guide.ask(f"activate{RULE}", *path, rule["id"])
    eternal = _rule("For ever", actions={"token": {"accessTokenLifetimeMinutes": 99_999}})
    guide.expect((400, "E0000001"), f"create{RULE}", *path, body=eternal)
    guide.ask(f"delete{RULE}", *path, rule["id"])
    guide.expect((404, "E0000007"), f"get{RULE}", *path, NOBODY)


def _rule(name: str, **stated: Any) -> dict[str, Any]:
    lifetimes = {
        "accessTokenLifetimeMinutes": 60,
        "refreshTokenLifetimeMinutes": 0,
        "refreshTokenWindowMinutes": 10_080,
    }
    return {
        "type": "RESOURCE_ACCESS",
        "status": "ACTIVE",
        "name": name,
        "priority": 1,
        "conditions": {
            "people": {"users": {"include": []}, "groups": {"include": ["EVERYONE"]}},
            "grantTypes": {"include": ["client_credentials"]},
            "scopes": {"include": ["*"]},
        },
        "actions": {"token": lifetimes},
        **stated,
    }

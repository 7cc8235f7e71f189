"""What a server puts into its tokens: scopes and claims."""

from typing import Any

from tests.conformance.guide import Guide
from tests.conformance.tour.bodies import NOBODY


def tour(guide: Guide) -> None:
    server = {"name": "With contents", "audiences": ["https://api.example.com/contents"]}
    server_id = guide.ask("createAuthorizationServer", body=server)["id"]
    _define_scopes(guide, server_id)
    _define_claims(guide, server_id)


def _define_scopes(guide: Guide, server_id: str) -> None:
    scope = guide.ask("createOAuth2Scope", server_id, body=_scope("tour:read"))
    guide.ask("listOAuth2Scopes", server_id)
    guide.ask("listOAuth2Scopes", server_id, query={"limit": "2"})
    guide.ask("getOAuth2Scope", server_id, scope["id"])
    changed = _scope("tour:read", consent="REQUIRED", displayName="Read the tour")
    guide.ask("replaceOAuth2Scope", server_id, scope["id"], body=changed)
    guide.expect((400, "E0000001"), "createOAuth2Scope", server_id, body=_scope("tour:read"))
    guide.ask("deleteOAuth2Scope", server_id, scope["id"])
    guide.expect((404, "E0000007"), "getOAuth2Scope", server_id, scope["id"])


def _scope(name: str, **stated: Any) -> dict[str, Any]:
    return {"name": name, "description": "Look", "metadataPublish": "NO_CLIENTS", **stated}


def _define_claims(guide: Guide, server_id: str) -> None:
    claim = guide.ask("createOAuth2Claim", server_id, body=_claim("department"))
    groups = _claim("groups", valueType="GROUPS", group_filter_type="STARTS_WITH", value="Staff")
    guide.ask("createOAuth2Claim", server_id, body=groups)
    guide.ask("listOAuth2Claims", server_id)
    guide.ask("getOAuth2Claim", server_id, claim["id"])
    changed = _claim("department", status="INACTIVE", conditions={"scopes": ["profile"]})
    guide.ask("replaceOAuth2Claim", server_id, claim["id"], body=changed)
    guide.expect((400, "E0000001"), "createOAuth2Claim", server_id, body={"name": "worth nothing"})
    guide.ask("deleteOAuth2Claim", server_id, claim["id"])
    guide.expect((404, "E0000007"), "getOAuth2Claim", server_id, NOBODY)


def _claim(name: str, **stated: Any) -> dict[str, Any]:
    return {
        "name": name,
        "status": "ACTIVE",
        "claimType": "RESOURCE",
        "valueType": "EXPRESSION",
        "value": "user.department",
        "alwaysIncludeInToken": True,
        "conditions": {"scopes": []},
        **stated,
    }

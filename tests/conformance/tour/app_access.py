"""Who may use an app, and what its client may do: groups and scope grants."""

from tests.conformance.guide import Guide
from tests.conformance.tour.bodies import NOBODY, service_app, web_app


def tour(guide: Guide) -> None:
    _assign_groups(guide)
    _grant_scopes(guide)


def _assign_groups(guide: Guide) -> None:
    app_id = guide.ask("createApplication", body=web_app("For some groups"))["id"]
    first, second = (group["id"] for group in guide.org.list("group")[:2])
    guide.ask("assignGroupToApplication", app_id, first)
    guide.ask("assignGroupToApplication", app_id, second, body={"priority": 0, "profile": {}})
    guide.ask("listApplicationGroupAssignments", app_id, query={"limit": "20"})
    guide.ask("listApplicationGroupAssignments", app_id, query={"expand": "group"})
    guide.ask("getApplicationGroupAssignment", app_id, first)
    guide.ask("getApplicationGroupAssignment", app_id, first, query={"expand": "group"})
    raised = [{"op": "replace", "path": "/priority", "value": 1}]
    guide.ask("updateGroupAssignmentToApplication", app_id, first, body=raised)
    guide.ask("unassignApplicationFromGroup", app_id, second)
    guide.expect((404, "E0000007"), "getApplicationGroupAssignment", app_id, second)
    guide.expect((404, "E0000007"), "assignGroupToApplication", app_id, NOBODY)


def _grant_scopes(guide: Guide) -> None:
    app_id = guide.ask("createApplication", body=service_app("Granted something"))["id"]
    wanted = {"issuer": f"https://{guide.org.host}", "scopeId": "okta.users.read"}
    grant = guide.ask("grantConsentToScope", app_id, body=wanted)
    guide.ask("listScopeConsentGrants", app_id)
    guide.ask("listScopeConsentGrants", app_id, query={"expand": "scope"})
    guide.ask("getScopeConsentGrant", app_id, grant["id"])
    guide.ask("revokeScopeConsentGrant", app_id, grant["id"])
    guide.expect((404, "E0000007"), "getScopeConsentGrant", app_id, grant["id"])
    guide.expect((400, "E0000001"), "grantConsentToScope", app_id, body={"scopeId": "no.scope"})

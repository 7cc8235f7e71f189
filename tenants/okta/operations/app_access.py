"""Who may use an app, and what an app may do: group assignments and consented scopes."""

from tenants.okta.operations.family import Family

_groups = Family("/api/v1/apps/{appId}/groups", "okta.apps")
_grants = Family("/api/v1/apps/{appId}/grants", "okta.appGrants")

OPERATIONS = (
    _groups.listing("listApplicationGroupAssignments", page_limit=200),
    _groups.get("getApplicationGroupAssignment", "/{groupId}"),
    _groups.put(
        "assignGroupToApplication", "/{groupId}", old_name="createApplicationGroupAssignment"
    ),
    # JSON Patch can add to a list, so that a second time adds a second time (RFC 6902 §4.1).
    _groups.patch("updateGroupAssignmentToApplication", "/{groupId}"),
    _groups.delete(
        "unassignApplicationFromGroup", "/{groupId}", old_name="deleteApplicationGroupAssignment"
    ),
    _grants.listing("listScopeConsentGrants"),
    _grants.post("grantConsentToScope"),
    _grants.get("getScopeConsentGrant", "/{grantId}"),
    _grants.delete("revokeScopeConsentGrant", "/{grantId}"),
)

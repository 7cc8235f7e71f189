"""Access policies of an authorization server, and their rules."""

from tenants.okta.operations.family import Family

_SCOPE = "okta.authorizationServers"
_POLICIES = "/api/v1/authorizationServers/{authServerId}/policies"

_policies = Family(_POLICIES, _SCOPE)
_policy = Family(f"{_POLICIES}/{{policyId}}", _SCOPE)
_rules = Family(f"{_POLICIES}/{{policyId}}/rules", _SCOPE)
_rule = Family(f"{_POLICIES}/{{policyId}}/rules/{{ruleId}}", _SCOPE)

OPERATIONS = (
    _policies.listing("listAuthorizationServerPolicies"),
    _policies.post("createAuthorizationServerPolicy"),
    _policy.get("getAuthorizationServerPolicy"),
    _policy.put("replaceAuthorizationServerPolicy"),
    _policy.delete("deleteAuthorizationServerPolicy"),
    _policy.act("activateAuthorizationServerPolicy", "/lifecycle/activate"),
    _policy.act("deactivateAuthorizationServerPolicy", "/lifecycle/deactivate"),
    _rules.listing("listAuthorizationServerPolicyRules"),
    _rules.post("createAuthorizationServerPolicyRule"),
    _rule.get("getAuthorizationServerPolicyRule"),
    _rule.put("replaceAuthorizationServerPolicyRule"),
    _rule.delete("deleteAuthorizationServerPolicyRule"),
    _rule.act("activateAuthorizationServerPolicyRule", "/lifecycle/activate"),
    _rule.act("deactivateAuthorizationServerPolicyRule", "/lifecycle/deactivate"),
)

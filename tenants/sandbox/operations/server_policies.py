"""Access policies of an authorization server, and their rules."""

from collections.abc import Mapping

from tenants.sandbox.call import Handler
from tenants.sandbox.operations.reads import listing, single

HANDLERS: Mapping[str, Handler] = {
    "listAuthorizationServerPolicies": listing("as_policy"),
    "getAuthorizationServerPolicy": single("as_policy"),
    "listAuthorizationServerPolicyRules": listing("as_rule"),
    "getAuthorizationServerPolicyRule": single("as_rule"),
}

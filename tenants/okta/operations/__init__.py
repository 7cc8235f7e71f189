"""The catalogue: every Okta operation we may call, declared once.

Source: Okta's OpenAPI 2026.06.3; names are its operationIds, scopes its OAuth scopes. A test
compares the two both ways.
"""

from collections.abc import Mapping
from types import MappingProxyType

from tenants.okta.operations import (
    api_services,
    app_access,
    app_credentials,
    app_provisioning,
    apps,
    authorization_servers,
    oauth,
    push_providers,
    server_contents,
    server_keys,
    server_policies,
)
from tenants.okta.operations.operation import (
    IDENTIFIER,
    Bucket,
    Effect,
    Operation,
    Paging,
    is_identifier,
)
from tenants.okta.operations.scopes import allows, scopes_of

#: By title, in the order in which they are shown to people.
FAMILIES: Mapping[str, tuple[Operation, ...]] = MappingProxyType(
    {
        "Applications": apps.OPERATIONS,
        "Provisioning of an app": app_provisioning.OPERATIONS,
        "Groups and grants of an app": app_access.OPERATIONS,
        "Credentials of an app": app_credentials.OPERATIONS,
        "Push providers": push_providers.OPERATIONS,
        "Authorization servers": authorization_servers.OPERATIONS,
        "Keys of an authorization server": server_keys.OPERATIONS,
        "Policies of an authorization server": server_policies.OPERATIONS,
        "Scopes and claims of an authorization server": server_contents.OPERATIONS,
        "API service integrations": api_services.OPERATIONS,
        "Tokens": oauth.OPERATIONS,
    }
)

#: By name.
OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {operation.name: operation for family in FAMILIES.values() for operation in family}
)

LIST_APPS = OPERATIONS["listApplications"]
GET_APP = OPERATIONS["getApplication"]
LIST_APP_GRANTS = OPERATIONS["listScopeConsentGrants"]
LIST_PUSH_PROVIDERS = OPERATIONS["listPushProviders"]
LIST_API_SERVICES = OPERATIONS["listApiServiceIntegrationInstances"]
LIST_AUTHORIZATION_SERVERS = OPERATIONS["listAuthorizationServers"]
GET_AUTHORIZATION_SERVER = OPERATIONS["getAuthorizationServer"]
LIST_AS_POLICIES = OPERATIONS["listAuthorizationServerPolicies"]
LIST_AS_RULES = OPERATIONS["listAuthorizationServerPolicyRules"]
LIST_AS_SCOPES = OPERATIONS["listOAuth2Scopes"]
LIST_AS_CLAIMS = OPERATIONS["listOAuth2Claims"]
LIST_AS_KEYS = OPERATIONS["listAuthorizationServerKeys"]


def probe_for(scope: str) -> tuple[Operation, Mapping[str, str]] | None:
    """A cheap read, with its query, that succeeds only for a token holding ``scope``.

    None where every read of that scope needs an id, as for an app's grants.
    """
    for operation in OPERATIONS.values():
        proves = allows(frozenset({scope}), operation)
        if proves and operation.effect == Effect.READ and not operation.parameters:
            return operation, ({"limit": "1"} if operation.page_limit else {})
    return None


__all__ = [
    "FAMILIES",
    "GET_APP",
    "GET_AUTHORIZATION_SERVER",
    "IDENTIFIER",
    "LIST_API_SERVICES",
    "LIST_APPS",
    "LIST_APP_GRANTS",
    "LIST_AS_CLAIMS",
    "LIST_AS_KEYS",
    "LIST_AS_POLICIES",
    "LIST_AS_RULES",
    "LIST_AS_SCOPES",
    "LIST_AUTHORIZATION_SERVERS",
    "LIST_PUSH_PROVIDERS",
    "OPERATIONS",
    "Bucket",
    "Effect",
    "Operation",
    "Paging",
    "allows",
    "is_identifier",
    "probe_for",
    "scopes_of",
]

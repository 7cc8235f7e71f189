"""Who may use an app, and what an app may do: group assignments and consented scopes."""

from collections.abc import Mapping

from tenants.sandbox.call import Handler
from tenants.sandbox.operations.reads import listing

HANDLERS: Mapping[str, Handler] = {"listScopeConsentGrants": listing("app_grant")}

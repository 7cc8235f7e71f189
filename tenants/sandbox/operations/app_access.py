"""Who may use an app, and what an app may do: group assignments and consented scopes."""

from collections.abc import Mapping

from tenants.sandbox.call import Handler
from tenants.sandbox.operations import app_grants, app_groups

HANDLERS: Mapping[str, Handler] = {**app_groups.HANDLERS, **app_grants.HANDLERS}

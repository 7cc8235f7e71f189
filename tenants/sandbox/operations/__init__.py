"""How the sandbox answers each operation of the catalogue, in modules named as there."""

from collections.abc import Mapping

from tenants.sandbox.call import Handler
from tenants.sandbox.operations import (
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

HANDLERS: Mapping[str, Handler] = {
    **apps.HANDLERS,
    **app_provisioning.HANDLERS,
    **app_access.HANDLERS,
    **app_credentials.HANDLERS,
    **push_providers.HANDLERS,
    **authorization_servers.HANDLERS,
    **server_keys.HANDLERS,
    **server_policies.HANDLERS,
    **server_contents.HANDLERS,
    **api_services.HANDLERS,
    **oauth.HANDLERS,
}

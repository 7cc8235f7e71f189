"""A tour through one org that calls every operation of the catalogue.

Each module is one story, told by its function ``tour``; none needs what another one made.
"""

from collections.abc import Callable, Mapping

from tests.conformance.guide import Guide
from tests.conformance.tour import (
    app_access,
    app_credentials,
    app_keys,
    app_provisioning,
    applications,
    authorization_servers,
    integrations,
    mistakes,
    oauth,
    push_providers,
    refusals,
    server_contents,
    server_keys,
    server_policies,
)

STORIES: Mapping[str, Callable[[Guide], None]] = {
    module.__name__.rpartition(".")[2]: module.tour
    for module in (
        applications,
        app_access,
        app_credentials,
        app_keys,
        app_provisioning,
        authorization_servers,
        server_contents,
        server_policies,
        server_keys,
        push_providers,
        integrations,
        oauth,
        mistakes,
        refusals,
    )
}

"""API service integrations: instances such as our own in a customer's org, and their secrets."""

from tenants.okta.operations.family import Family
from tenants.okta.operations.media import JSON
from tenants.okta.operations.operation import Paging

_SCOPE = "okta.oauthIntegrations"
_INSTANCES = "/integrations/api/v1/api-services"

_instances = Family(_INSTANCES, _SCOPE)
_secrets = Family(f"{_INSTANCES}/{{apiServiceId}}/credentials/secrets", _SCOPE)

OPERATIONS = (
    # Okta alone chooses the length of these pages.
    _instances.listing("listApiServiceIntegrationInstances", paging=Paging.CURSOR),
    _instances.post("createApiServiceIntegrationInstance", creates_secret=True),
    _instances.get("getApiServiceIntegrationInstance", "/{apiServiceId}"),
    _instances.delete("deleteApiServiceIntegrationInstance", "/{apiServiceId}"),
    _secrets.listing("listApiServiceIntegrationInstanceSecrets"),
    _secrets.act("createApiServiceIntegrationInstanceSecret", answers=JSON, creates_secret=True),
    _secrets.delete("deleteApiServiceIntegrationInstanceSecret", "/{secretId}"),
    _secrets.act(
        "activateApiServiceIntegrationInstanceSecret",
        "/{secretId}/lifecycle/activate",
        answers=JSON,
    ),
    _secrets.act(
        "deactivateApiServiceIntegrationInstanceSecret",
        "/{secretId}/lifecycle/deactivate",
        answers=JSON,
    ),
)

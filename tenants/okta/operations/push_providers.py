"""Push providers: the accounts at Apple and Google that carry an org's push messages."""

from tenants.okta.operations.family import Family

_providers = Family("/api/v1/push-providers", "okta.pushProviders")

OPERATIONS = (
    _providers.listing("listPushProviders"),
    _providers.post("createPushProvider"),
    _providers.get("getPushProvider", "/{pushProviderId}"),
    _providers.put("replacePushProvider", "/{pushProviderId}"),
    _providers.delete("deletePushProvider", "/{pushProviderId}"),
)

"""Provisioning: an app's connection to the service behind it, and what it may do there."""

from tenants.okta.operations.family import Family
from tenants.okta.operations.operation import Effect

_connection = Family("/api/v1/apps/{appId}/connections/default", "okta.apps")
_features = Family("/api/v1/apps/{appId}/features", "okta.apps")
_consent = Family("/api/v1/apps/{appName}/{appId}/oauth2", "okta.apps")

OPERATIONS = (
    _connection.get("getDefaultProvisioningConnectionForApplication"),
    # An app has one connection, which is always there: this overwrites it.
    _connection.post(
        "updateDefaultProvisioningConnectionForApplication",
        effect=Effect.REPLACE,
        old_name="setDefaultProvisioningConnectionForApplication",
    ),
    _connection.get("getUserProvisioningConnectionJWKS", "/jwks"),
    _connection.act("activateDefaultProvisioningConnectionForApplication", "/lifecycle/activate"),
    _connection.act(
        "deactivateDefaultProvisioningConnectionForApplication", "/lifecycle/deactivate"
    ),
    # Ends the consent of an OAuth connection; its code is good for one use (RFC 6749 §4.1.2).
    _consent.act(
        "verifyProvisioningConnectionForApplication",
        "/callback",
        effect=Effect.LIFECYCLE,
        repeatable=False,
    ),
    _features.listing("listFeaturesForApplication", id_field="name"),
    _features.get("getFeatureForApplication", "/{featureName}"),
    # The only PUT here that Okta documents as partial; what it names it sets all the same.
    _features.put(
        "updateFeatureForApplication", "/{featureName}", effect=Effect.UPDATE, repeatable=True
    ),
)

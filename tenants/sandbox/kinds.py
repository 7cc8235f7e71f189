"""The kinds of object an org stores: what they hang under and what Okta calls them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of object.

    Attributes:
        java_class: the class name that a 404 of this kind shows in brackets.
        parents: kinds of the ids in the path above it, outermost first.
        key: the field that identifies it; keys have no ``id``, only a ``kid``.
    """

    name: str
    java_class: str
    parents: tuple[str, ...] = ()
    key: str = "id"


_APP = ("app",)
_SERVER = ("authorization_server",)
_SERVICE = ("api_service",)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("app", "AppInstance"),
        Kind("app_grant", "OAuth2ScopeConsentGrant", _APP),
        Kind("app_group", "AppGroupAssignment", _APP),
        Kind("app_connection", "AppInstance", _APP),
        Kind("app_feature", "PublicAppFeatureSetName", _APP, key="name"),
        Kind("app_csr", "Csr", _APP),
        Kind("app_key", "JsonWebKey", _APP, key="kid"),
        Kind("app_jwk", "OAuth2ClientJsonWebKey", _APP),
        Kind("app_secret", "OAuth2ClientSecret", _APP),
        # The org's own, which new apps sign with until they are given another.
        Kind("signing_key", "JsonWebKey", key="kid"),
        Kind("group", "UserGroup"),
        Kind("sign_on_policy", "Policy"),
        Kind("push_provider", "PushProviderConfigEntity"),
        Kind("authorization_server", "AuthorizationServer"),
        Kind("as_associated", "AuthorizationServer", _SERVER),
        Kind("as_client", "PublicClientApp", _SERVER, key="client_id"),
        Kind("as_token", "OAuth2RefreshTokenTx", (*_SERVER, "as_client")),
        Kind("as_policy", "Policy", _SERVER),
        Kind("as_rule", "PolicyRule", (*_SERVER, "as_policy")),
        Kind("as_scope", "OAuth2Scope", _SERVER),
        Kind("as_claim", "OAuth2Claim", _SERVER),
        Kind("as_key", "JsonWebKey", _SERVER, key="kid"),
        Kind("as_resource_key", "OAuth2ResourceServerJsonWebKey", _SERVER),
        Kind("api_service", "OAuthIntegration"),
        Kind("api_service_secret", "OAuth2ClientSecret", _SERVICE),
    )
}

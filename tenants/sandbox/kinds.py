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


_SERVER = ("authorization_server",)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("app", "AppInstance"),
        Kind("app_grant", "OAuth2ScopeConsentGrant", ("app",)),
        Kind("push_provider", "PushProviderConfigEntity"),
        Kind("authorization_server", "AuthorizationServer"),
        Kind("as_policy", "Policy", _SERVER),
        Kind("as_rule", "PolicyRule", (*_SERVER, "as_policy")),
        Kind("as_scope", "OAuth2Scope", _SERVER),
        Kind("as_claim", "OAuth2Claim", _SERVER),
        Kind("as_key", "JsonWebKey", _SERVER, key="kid"),
    )
}

"""Keys of an authorization server: those it signs with, and those it encrypts tokens for."""

from tenants.okta.operations.family import Family
from tenants.okta.operations.media import JSON

_SCOPE = "okta.authorizationServers"
_SERVER = "/api/v1/authorizationServers/{authServerId}"

_signing = Family(f"{_SERVER}/credentials", _SCOPE)
_encryption = Family(f"{_SERVER}/resourceservercredentials/keys", _SCOPE)

OPERATIONS = (
    _signing.listing("listAuthorizationServerKeys", "/keys", id_field="kid"),
    _signing.get("getAuthorizationServerKey", "/keys/{keyId}"),
    # Each call moves on by one key: the next one becomes the active one.
    _signing.post("rotateAuthorizationServerKeys", "/lifecycle/keyRotate", repeatable=False),
    _encryption.listing("listOAuth2ResourceServerJsonWebKeys"),
    _encryption.post("addOAuth2ResourceServerJsonWebKey"),
    _encryption.get("getOAuth2ResourceServerJsonWebKey", "/{keyId}"),
    _encryption.delete("deleteOAuth2ResourceServerJsonWebKey", "/{keyId}"),
    _encryption.act(
        "activateOAuth2ResourceServerJsonWebKey", "/{keyId}/lifecycle/activate", answers=JSON
    ),
    _encryption.act(
        "deactivateOAuth2ResourceServerJsonWebKey", "/{keyId}/lifecycle/deactivate", answers=JSON
    ),
)

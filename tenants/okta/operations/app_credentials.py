"""An app's credentials: certificate requests, signing keys, public keys and client secrets."""

from tenants.okta.operations.family import Family
from tenants.okta.operations.media import CERTIFICATE, CSR, JSON, NOTHING
from tenants.okta.operations.operation import Effect

_csrs = Family("/api/v1/apps/{appId}/credentials/csrs", "okta.apps")
_keys = Family("/api/v1/apps/{appId}/credentials/keys", "okta.apps")
_jwks = Family("/api/v1/apps/{appId}/credentials/jwks", "okta.apps")
_secrets = Family("/api/v1/apps/{appId}/credentials/secrets", "okta.apps")

OPERATIONS = (
    _csrs.listing("listCsrsForApplication"),
    _csrs.post("generateCsrForApplication", answers=CSR),
    _csrs.get("getCsrForApplication", "/{csrId}", answers=CSR),
    _csrs.delete("revokeCsrFromApplication", "/{csrId}"),
    # A lifecycle by its path alone: the request ends as a new key, answered with 201.
    _csrs.post(
        "publishCsrFromApplication",
        "/{csrId}/lifecycle/publish",
        body=CERTIFICATE,
        effect=Effect.CREATE,
    ),
    _keys.listing("listApplicationKeys", id_field="kid"),
    _keys.post("generateApplicationKey", "/generate", body=NOTHING, required=("validityYears",)),
    _keys.get("getApplicationKey", "/{keyId}"),
    _keys.post("cloneApplicationKey", "/{keyId}/clone", body=NOTHING, required=("targetAid",)),
    # A bare list by its schema, wrapped by the example beside it.
    _jwks.listing("listJwk", envelope=("jwks", "keys")),
    _jwks.post("addJwk"),
    _jwks.get("getJwk", "/{keyId}"),
    _jwks.delete("deletejwk", "/{keyId}"),
    _jwks.act("activateOAuth2ClientJsonWebKey", "/{keyId}/lifecycle/activate", answers=JSON),
    _jwks.act("deactivateOAuth2ClientJsonWebKey", "/{keyId}/lifecycle/deactivate", answers=JSON),
    _secrets.listing("listOAuth2ClientSecrets", old_name="listClientSecretsForApplication"),
    _secrets.post(
        "createOAuth2ClientSecret",
        old_name="createNewClientSecretForApplication",
        creates_secret=True,
    ),
    _secrets.get("getOAuth2ClientSecret", "/{secretId}", old_name="getClientSecretForApplication"),
    _secrets.delete(
        "deleteOAuth2ClientSecret", "/{secretId}", old_name="deleteClientSecretForApplication"
    ),
    _secrets.act(
        "activateOAuth2ClientSecret",
        "/{secretId}/lifecycle/activate",
        answers=JSON,
        old_name="activateClientSecretForApplication",
    ),
    _secrets.act(
        "deactivateOAuth2ClientSecret",
        "/{secretId}/lifecycle/deactivate",
        answers=JSON,
        old_name="deactivateClientSecretForApplication",
    ),
)

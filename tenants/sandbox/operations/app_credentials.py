"""An app's credentials: certificate requests, signing keys, public keys and client secrets."""

from collections.abc import Mapping

from tenants.sandbox.call import Handler
from tenants.sandbox.operations import app_csrs, app_jwks, app_keys, app_secrets

HANDLERS: Mapping[str, Handler] = {
    **app_csrs.HANDLERS,
    **app_keys.HANDLERS,
    **app_jwks.HANDLERS,
    **app_secrets.HANDLERS,
}

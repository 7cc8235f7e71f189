"""Keys of an authorization server: those it signs with, and those it encrypts tokens for."""

from collections.abc import Mapping

from tenants.sandbox.call import Handler
from tenants.sandbox.operations.reads import listing, single

HANDLERS: Mapping[str, Handler] = {
    "listAuthorizationServerKeys": listing("as_key"),
    "getAuthorizationServerKey": single("as_key"),
}

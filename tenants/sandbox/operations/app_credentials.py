"""An app's credentials: certificate requests, signing keys, public keys and client secrets."""

from collections.abc import Mapping

from tenants.sandbox.call import Handler

HANDLERS: Mapping[str, Handler] = {}

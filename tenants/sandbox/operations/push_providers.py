"""Push providers: the accounts at Apple and Google that carry an org's push messages."""

from collections.abc import Mapping

from tenants.sandbox.call import Handler
from tenants.sandbox.operations.reads import listing

HANDLERS: Mapping[str, Handler] = {"listPushProviders": listing("push_provider")}

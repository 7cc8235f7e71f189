"""Authorization servers, whom they trust, their clients and those clients' tokens."""

from collections.abc import Mapping

from tenants.sandbox.call import Handler
from tenants.sandbox.operations.reads import listing, single
from tenants.sandbox.paging import Paging

HANDLERS: Mapping[str, Handler] = {
    "listAuthorizationServers": listing(
        "authorization_server", Paging(default=200, eager_next=True)
    ),
    "getAuthorizationServer": single("authorization_server"),
}

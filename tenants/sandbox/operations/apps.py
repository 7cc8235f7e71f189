"""Applications: the list, one app, its state, and what it looks like."""

from collections.abc import Mapping

from tenants.sandbox.call import Handler
from tenants.sandbox.operations.reads import listing, single
from tenants.sandbox.paging import Paging

HANDLERS: Mapping[str, Handler] = {
    "listApplications": listing("app", Paging(default=20)),
    "getApplication": single("app"),
}

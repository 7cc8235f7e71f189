"""From the host a client asked to the org that answers, or to what answers in its place."""

from tenants.sandbox.api import answer
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, admin_redirect, edge_not_found
from tenants.sandbox.requests import Request

Orgs = dict[str, Org]


def find_org(orgs: Orgs, request: Request) -> Org | Reply:
    """The org of this host, or the reply of whoever stands at a host without one."""
    if request.server_name not in (None, request.host):
        return Reply(421, traced=False)
    if org := orgs.get(request.host):
        return org
    label, _, rest = request.host.partition(".")
    org_host = f"{label.removesuffix('-admin')}.{rest}"
    return admin_redirect(org_host) if org_host in orgs else edge_not_found()


def answer_host(orgs: Orgs, request: Request) -> tuple[Reply, float]:
    """The reply, and how many seconds to hold it back."""
    found = find_org(orgs, request)
    return (found, 0.0) if isinstance(found, Reply) else (answer(found, request), found.delay_s)

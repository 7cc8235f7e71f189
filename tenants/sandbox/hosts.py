"""From the host a client asked to the org that answers, or to what answers in its place."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from tenants.sandbox.api import answer, note_request
from tenants.sandbox.faults import FaultScript, RequestFault
from tenants.sandbox.faults.fault import Replacement
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


@asynccontextmanager
async def answer_host(orgs: Orgs, faults: FaultScript, request: Request) -> AsyncIterator[Reply]:
    """The reply; the org counts as busy with it for as long as the context is open."""
    found = find_org(orgs, request)
    if isinstance(found, Org):
        note_request(found, request)
    fault = faults.take(request) if faults.for_requests else None
    with found.in_flight if isinstance(found, Org) else nullcontext():
        reply = _reply(found, request, fault)
        if isinstance(found, Org) and found.delay_s:
            await asyncio.sleep(found.delay_s)
        yield reply


def _reply(found: Org | Reply, request: Request, fault: RequestFault | None) -> Reply:
    """What the org answers, or what a fault makes of that."""
    if not isinstance(fault, Replacement) or fault.applies:
        reply = found if isinstance(found, Reply) else answer(found, request)
    if isinstance(fault, Replacement):
        reply = fault.answer()
    if fault:
        reply.delivery = fault.deliver
    return reply

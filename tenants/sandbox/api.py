"""One request to one org: from its path to the answer, checked in the order Okta checks."""

import json
from collections.abc import Callable
from hashlib import sha256

from tenants.okta.operations import Effect
from tenants.sandbox.call import Call, Handler
from tenants.sandbox.checks import check_allowed, require_method
from tenants.sandbox.ledger import Entry
from tenants.sandbox.limits import ROOT, refuse_concurrent
from tenants.sandbox.org import Asked, Org
from tenants.sandbox.replies import JSON, Refusal, Reply, dead_org, json_reply, okta_error
from tenants.sandbox.requests import Request
from tenants.sandbox.routes import TABLE
from tenants.sandbox.tokens import IssuedToken
from tenants.sandbox.visibility import check_visible, narrow

WELL_KNOWN = "/.well-known/okta-organization"


def note_request(org: Org, request: Request) -> None:
    token = _token_of(org, request)
    scopes: frozenset[str] = token.scopes if token else frozenset()
    org.requests.append(Asked(request.method, request.path, scopes))


def answer(org: Org, request: Request) -> Reply:
    """The org's answer. Never raises for what a client sent."""
    if org.dead:
        return dead_org()
    # Clients that keep a slash at the end of the org's address send two; Okta accepts that.
    request.path = "/" + request.path.lstrip("/")
    try:
        if org.in_flight.count > org.max_concurrency:
            raise refuse_concurrent(org.clock())
        with org.store.lock:
            return _answer_path(org, request, _token_of(org, request))
    except Refusal as refusal:
        return refusal.reply


def _answer_path(org: Org, request: Request, token: IssuedToken | None) -> Reply:
    if request.path == WELL_KNOWN:
        require_method(request, {"GET"})
        return _counted(org, ROOT, lambda: _describe(org))
    routes = TABLE.find(request.path)
    if not routes:
        raise okta_error(404, "E0000008", "The requested path was not found")
    require_method(request, set(routes))
    route, ids = routes[request.method]
    check_allowed(org, request, route, token)
    call = Call(org, request, route.operation, ids)
    return _counted(org, route.bucket, lambda: _carry_out(call, route.handler, token))


def _counted(org: Org, bucket: str, work: Callable[[], Reply]) -> Reply:
    """Count a request, and say so on whatever comes of it."""
    counted = org.limits.count(bucket, org.rate_limit_headers)
    try:
        reply = work()
    except Refusal as refusal:
        reply = refusal.reply
    reply.headers.extend(counted)
    return reply


def _carry_out(call: Call, handler: Handler, token: IssuedToken | None) -> Reply:
    check_visible(call)
    reply = handler(call)
    if call.org.visible:
        narrow(call, reply)
    if call.operation.effect is not Effect.READ:
        _note_change(call, reply, token)
    return reply


def _note_change(call: Call, reply: Reply, token: IssuedToken | None) -> None:
    entry = Entry(
        number=len(call.org.ledger) + 1,
        at=call.org.clock(),
        operation=call.operation.name,
        method=call.request.method,
        path=call.request.path,
        ids=call.ids,
        created=_created_id(reply) if call.operation.effect is Effect.CREATE else "",
        digest=sha256(call.request.body).hexdigest(),
        client_id=token.client_id if token else "",
    )
    call.org.ledger.record(entry)


def _created_id(reply: Reply) -> str:
    body = json.loads(reply.body) if JSON in reply.headers else None
    return str(body.get("id") or body.get("kid") or "") if isinstance(body, dict) else ""


def _token_of(org: Org, request: Request) -> IssuedToken | None:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return org.find_token(value) if scheme.lower() == "bearer" else None


def _describe(org: Org) -> Reply:
    links = {"organization": {"href": f"https://{org.host}"}}
    return json_reply({"id": org.org_id, "pipeline": "idx", "_links": links})

"""One request to one org: from its path to the answer, checked in the order Okta checks."""

from collections.abc import Callable
from fnmatch import fnmatchcase

from tenants.okta.operations import Operation
from tenants.sandbox.call import Call
from tenants.sandbox.limits import ROOT
from tenants.sandbox.org import Asked, Org
from tenants.sandbox.replies import Headers, Refusal, Reply, dead_org, json_reply, okta_error
from tenants.sandbox.requests import Request, media_type
from tenants.sandbox.routes import TABLE, Route
from tenants.sandbox.scopes import satisfies

WELL_KNOWN = "/.well-known/okta-organization"


def answer(org: Org, request: Request) -> Reply:
    """The org's answer. Never raises for what a client sent."""
    scopes = _scopes_of(org, request)
    org.requests.append(Asked(request.method, request.path, scopes or frozenset()))
    if org.dead:
        return dead_org()
    # Clients that keep a slash at the end of the org's address send two; Okta accepts that.
    request.path = "/" + request.path.lstrip("/")
    try:
        with org.store.lock:
            return _answer_path(org, request, scopes)
    except Refusal as refusal:
        return refusal.reply


def _answer_path(org: Org, request: Request, scopes: frozenset[str] | None) -> Reply:
    if request.path == WELL_KNOWN:
        _require_method(request, {"GET"})
        return _counted(org, ROOT, lambda: _describe(org))
    routes = TABLE.find(request.path)
    if not routes:
        raise okta_error(404, "E0000008", "The requested path was not found")
    _require_method(request, set(routes))
    route, ids = routes[request.method]
    if route.operation.scope:
        _authorize(org, request, route, scopes)
    _require_media(request, route.operation)
    call = Call(org, request, route.operation, ids)
    return _counted(org, route.bucket, lambda: route.handler(call))


def _authorize(org: Org, request: Request, route: Route, scopes: frozenset[str] | None) -> None:
    needed = route.operation.scope
    if scopes is None:
        challenge = _challenge(request, error="invalid_token", scope=needed)
        raise okta_error(401, "E0000011", "Invalid token provided", headers=challenge)
    if not satisfies(scopes, needed):
        challenge = _challenge(request, error="insufficient_scope", scope=needed)
        summary = "You do not have permission to perform the requested action"
        raise okta_error(403, "E0000006", summary, headers=challenge)
    if route.licensed and not org.licensed:
        # A 401 that says nothing about the token. Recorded without rate-limit headers.
        summary = "You do not have permission to access the feature you are requesting"
        raise okta_error(401, "E0000015", summary)


def _require_media(request: Request, operation: Operation) -> None:
    """Refuse a body or an expectation of another kind than the operation has.

    Recorded for SAML metadata asked for as JSON: without a request id and rate-limit headers.
    """
    sent = media_type(request.headers.get("content-type", ""))
    wanted = [media_type(part) for part in request.headers.get("accept", "*/*").split(",")]
    wrong_body = request.body and operation.body and sent not in operation.body
    wrong_answer = operation.answers and not any(
        fnmatchcase(answer, pattern) for answer in operation.answers for pattern in wanted
    )
    if wrong_body or wrong_answer:
        summary = "Bad request. Accept and/or Content-Type headers likely do not match."
        raise okta_error(400, "E0000019", summary, traced=False)


def _counted(org: Org, bucket: str, work: Callable[[], Reply]) -> Reply:
    """Count a request, and say so on whatever comes of it."""
    counted = org.limits.count(bucket)
    try:
        reply = work()
    except Refusal as refusal:
        reply = refusal.reply
    reply.headers.extend(counted)
    return reply


def _scopes_of(org: Org, request: Request) -> frozenset[str] | None:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    token = org.find_token(value) if scheme.lower() == "bearer" else None
    return token.scopes if token else None


def _require_method(request: Request, allowed: set[str]) -> None:
    if request.method not in allowed:
        summary = "The endpoint does not support the provided HTTP method"
        raise okta_error(405, "E0000022", summary, traced=False)


def _challenge(request: Request, *, error: str, scope: str) -> Headers:
    """The header that says what a token lacks. Okta writes http:// in it, so does this."""
    descriptions = {
        "invalid_token": "The access token is invalid or has expired.",
        "insufficient_scope": "The access token provided does not contain the required scopes.",
    }
    realm = f"http://{request.host}"
    value = (
        f'Bearer authorization_uri="{realm}/oauth2/v1/authorize", realm="{realm}", '
        f'scope="{scope}", error="{error}", error_description="{descriptions[error]}", '
        f'resource="{request.path}"'
    )
    return [("www-authenticate", value)]


def _describe(org: Org) -> Reply:
    links = {"organization": {"href": f"https://{org.host}"}}
    return json_reply({"id": org.org_id, "pipeline": "idx", "_links": links})

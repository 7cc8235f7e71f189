"""What a request must have before anything is done for it, in the order Okta looks."""

from fnmatch import fnmatchcase

from tenants.okta.operations import Effect, Operation
from tenants.sandbox.delivery import Headers
from tenants.sandbox.org import Org
from tenants.sandbox.replies import forbidden, okta_error
from tenants.sandbox.requests import Request, media_type
from tenants.sandbox.routes import Route
from tenants.sandbox.scopes import satisfies
from tenants.sandbox.tokens import IssuedToken

_WRONG_MEDIA = (
    "Bad request. Accept and/or Content-Type headers likely do not match supported values."
)
_WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})


def require_method(request: Request, allowed: set[str]) -> None:
    """Refuse another method, and a body of which nobody says how long it is."""
    framed = request.headers.keys() & {"content-length", "transfer-encoding"}
    unframed = request.method in _WITH_LENGTH and not framed
    if request.method not in allowed or unframed:
        # One code for both: "PUT/POST without a body must say Content-Length: 0".
        summary = "The endpoint does not support the provided HTTP method"
        status = 411 if request.method in allowed else 405
        raise okta_error(status, "E0000022", summary, traced=False)


def check_allowed(org: Org, request: Request, route: Route, token: IssuedToken | None) -> None:
    """Token, scope, licence, mode of the org, media types.

    Raises:
        Refusal: naming the first that is missing.
    """
    operation = route.operation
    if operation.scope:
        _require_scope(request, operation.scope, token)
    if route.licensed and not org.licensed:
        # A 401 that says nothing about the token. Recorded without rate-limit headers.
        summary = "You do not have permission to access the feature you are requesting"
        raise okta_error(401, "E0000015", summary)
    if org.read_only and operation.scope and operation.effect is not Effect.READ:
        raise okta_error(503, "E0000010", "Service is in read only mode")
    _require_media(request, operation)


def _require_scope(request: Request, needed: str, token: IssuedToken | None) -> None:
    if token is None:
        challenge = _challenge(request, error="invalid_token", scope=needed)
        raise okta_error(401, "E0000011", "Invalid token provided", headers=challenge)
    if not satisfies(token.scopes, needed):
        challenge = _challenge(request, error="insufficient_scope", scope=needed)
        raise forbidden(challenge)


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
        raise okta_error(400, "E0000019", _WRONG_MEDIA, traced=False)


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

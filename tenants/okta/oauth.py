"""An org's own authorization server: what a client may ask of it in its own name."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.auth import ClientAuth  # type: ignore[import-untyped]

from tenants.okta.answers import Answer, BadJson, read_json, traceable
from tenants.okta.bodies import JSON, Outcome, outcome
from tenants.okta.egress import OrgConnection
from tenants.okta.errors import OktaAuthError, OktaDpopRequired, OktaProtocolError, OktaScopeError
from tenants.okta.operations import OPERATIONS, Operation
from tenants.okta.refusals import token_refusal

DEADLINE_S = 8.0
OK = 200  # what RFC 6749 §5.1 has for a token, and nothing else
TOKEN = OPERATIONS["token"]
LONGEST_LIFE_S = 86_400  # Okta's own are one hour

_CLIENT_ID = re.compile(r"[!-9;-~]{1,100}")  # printable; a colon would end it early in Basic
_CLIENT_SECRET = re.compile(r"[ -~]{1,255}")
_TOKEN_VALUE = re.compile(r"[!-~]{1,16384}")
_SCOPES = re.compile(r"[ -~]{0,16384}")  # all that Okta has are some 4,000 characters


@dataclass(frozen=True)
class AccessToken:
    """A bearer token; ``scopes`` were granted.

    ``expires_at`` is seconds of ``time.monotonic()``, which nobody can set: Okta tells a life, and
    that is counted from before the request. ``clock_off_s`` is by how much our wall clock is ahead
    of the one that Okta dated its answer by, 0 where it is not known.
    """

    value: str = field(repr=False)
    scopes: frozenset[str]
    expires_at: float = field(compare=False)
    clock_off_s: float = field(default=0.0, compare=False)


def fetch_access_token(
    http: OrgConnection, *, client_id: str, client_secret: str, scopes: frozenset[str]
) -> AccessToken:
    """Trade client credentials for a token of exactly ``scopes``. One POST: no retry, no cache.

    Raises:
        ValueError: ``scopes`` is empty; Okta has no token without scopes.
        OktaAuthError: the ID or the secret is wrong, or the integration was revoked.
        OktaWrongApp, OktaDpopRequired: the credential belongs to another kind of app.
        OktaScopeError: a scope is not granted, or the token came narrower than asked.
        OktaNetworkZone: the customer lets only certain addresses ask.
        OktaError: every other refusal and failure, see `tenants.okta.errors`.

    Source: RFC 6749 §4.4 and §5; Okta's guide for API service integrations (org authorization
    server, HTTP Basic only).
    """
    if not scopes:
        raise ValueError("a token needs at least one scope")
    form = {"grant_type": "client_credentials", "scope": " ".join(sorted(scopes))}
    asked_at = time.monotonic()
    answer = _post(http, TOKEN, client_id, client_secret, form)
    with traceable(answer.headers):
        return _access_token(answer, scopes, asked_at)


def ask_as_client(
    http: OrgConnection,
    operation: Operation,
    *,
    client_id: str,
    client_secret: str,
    form: Mapping[str, str],
    reveal: bool = False,
) -> Outcome:
    """One operation that wants the client's own credentials: token, revoke or introspect.

    A token stays in the outcome only with ``reveal``. Errors as those of `fetch_access_token`.
    Okta answers the revocation of a token it does not know with success.
    """
    answer = _post(http, operation, client_id, client_secret, form)
    with traceable(answer.headers):
        return outcome(answer, operation, reveal=reveal)


def _post(
    http: OrgConnection,
    operation: Operation,
    client_id: str,
    client_secret: str,
    form: Mapping[str, str],
) -> Answer:
    answer = http.send(
        operation.method,
        operation.path,
        headers=_basic_headers(operation, client_id, client_secret),
        body=urlencode(form).encode(),
        deadline_s=DEADLINE_S,
    )
    if not answer.ok:
        asked = frozenset(form.get("scope", "").split())
        raise token_refusal(answer, asked=asked, hide=client_secret)
    return answer


def _basic_headers(operation: Operation, client_id: str, client_secret: str) -> dict[str, str]:
    if not (_CLIENT_ID.fullmatch(client_id) and _CLIENT_SECRET.fullmatch(client_secret)):
        raise OktaAuthError("the client ID or secret has characters that Okta never issues")
    headers = {"accept": JSON, "content-type": operation.body[0]}
    client = ClientAuth(client_id, client_secret, "client_secret_basic")
    _, signed, _ = client.prepare(operation.method, operation.path, headers, "")
    return dict(signed)


def _access_token(answer: Answer, asked: frozenset[str], asked_at: float) -> AccessToken:
    body = _token_body(answer)
    kind, value = body.get("token_type"), body.get("access_token")
    lifetime, scope = body.get("expires_in"), body.get("scope")
    if isinstance(kind, str) and kind.lower() == "dpop":
        raise OktaDpopRequired("the token is bound to a DPoP key", status=answer.status)
    if not (isinstance(kind, str) and kind.lower() == "bearer"):
        raise _unreadable(answer, "token_type")
    if not (isinstance(value, str) and _TOKEN_VALUE.fullmatch(value)):
        raise _unreadable(answer, "access_token")
    if type(lifetime) is not int or not 1 <= lifetime <= LONGEST_LIFE_S:
        raise _unreadable(answer, "expires_in")
    if not (isinstance(scope, str) and _SCOPES.fullmatch(scope)):
        raise _unreadable(answer, "scope")
    granted = frozenset(scope.split())
    if missing := " ".join(sorted(asked - granted)):
        raise OktaScopeError(f"not granted: {missing}", status=answer.status, missing_scope=missing)
    return AccessToken(value, granted, asked_at + lifetime, _clock_off_s(answer))


def _clock_off_s(answer: Answer) -> float:
    return 0.0 if answer.dated_at is None else time.time() - answer.dated_at


def _token_body(answer: Answer) -> dict[str, Any]:
    if answer.status != OK:
        raise _unreadable(answer, "status")
    if answer.media_type != "application/json":
        raise _unreadable(answer, "content type")
    try:
        body = read_json(answer.body, strict=True)
    except BadJson as exc:
        raise _unreadable(answer, "JSON") from exc
    if not isinstance(body, dict):
        raise _unreadable(answer, "JSON object")
    return body


def _unreadable(answer: Answer, what: str) -> OktaProtocolError:
    return OktaProtocolError(f"the token response has no usable {what}", status=answer.status)

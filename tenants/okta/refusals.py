"""From an answer that is not a success to the error it means.

Okta asks to branch on its codes alone, since statuses vary for one code and texts change. The one
exception is marked below.
"""

import re
from collections.abc import Mapping
from typing import Any

from tenants.okta.answers import Answer, read_object
from tenants.okta.errors import (
    OktaAuthError,
    OktaCursorError,
    OktaDpopRequired,
    OktaError,
    OktaForbidden,
    OktaNetworkZone,
    OktaNotFound,
    OktaNotLicensed,
    OktaRateLimited,
    OktaReadOnly,
    OktaRequestError,
    OktaScopeError,
    OktaUnavailable,
    OktaWrongApp,
    OktaWrongHost,
    printable,
)
from tenants.okta.limits import TOO_MANY_REQUESTS, wait_after_429

#: A failover of Okta's takes minutes.
READ_ONLY_S = 60.0

_TOKEN_ERRORS: Mapping[str, type[OktaError]] = {
    "invalid_client": OktaAuthError,
    "invalid_scope": OktaScopeError,
    "consent_required": OktaScopeError,
    "client_credentials_self_scope_requested": OktaScopeError,
    "unauthorized_client": OktaWrongApp,
    "unsupported_grant_type": OktaWrongApp,
    "invalid_dpop_proof": OktaDpopRequired,
    "use_dpop_nonce": OktaDpopRequired,
    "access_denied": OktaForbidden,
    "invalid_request": OktaRequestError,  # with status 401 at times
    "temporarily_unavailable": OktaUnavailable,  # with status 400
    "server_error": OktaUnavailable,
}

#: With status 403 these two mean something else.
_FORBIDDEN_TOKEN_ERRORS: Mapping[str, type[OktaError]] = {
    "access_denied": OktaNetworkZone,
    "server_error": OktaNotLicensed,
}

_API_ERRORS: Mapping[str, type[OktaError]] = {
    "E0000004": OktaAuthError,
    "E0000005": OktaForbidden,  # "invalid session": the call wants more than a scope
    "E0000006": OktaForbidden,
    "E0000007": OktaNotFound,
    "E0000008": OktaNotFound,
    "E0000011": OktaAuthError,
    "E0000010": OktaReadOnly,
    "E0000015": OktaNotLicensed,  # a 401 that says nothing about the token
    "E0000239": OktaUnavailable,  # policy priorities are being put in order
    "E0000260": OktaWrongHost,  # a developer org that Okta has switched off
    "E0000268": OktaUnavailable,
}

_CURSOR_ERRORS = frozenset({"E0000029", "E0000031"})

_CODE_OR_ID = re.compile(r"[A-Za-z0-9@._-]{1,64}")

# The only thing that tells a custom app from a mistyped secret; both are invalid_client.
_OTHER_KIND_OF_APP = re.compile(r"must use .{0,100}token_endpoint_auth_method|application_type")

_CHALLENGED_SCOPE = re.compile(r'\bscope="([A-Za-z0-9._:-]{1,100})"')


def token_refusal(answer: Answer, *, asked: frozenset[str], hide: str) -> OktaError:
    """What the token endpoint's refusal means.

    Args:
        asked: the scopes requested; a lone one is named in ``missing_scope``.
        hide: the client secret, kept out of the message even if Okta should echo it.
    """
    body = read_object(answer.body)
    code = _code(body)
    kind = _TOKEN_ERRORS.get(code)
    if answer.status == 403:
        kind = _FORBIDDEN_TOKEN_ERRORS.get(code, kind)
    if kind is OktaAuthError and _OTHER_KIND_OF_APP.search(_summary(body)):
        kind = OktaWrongApp
    if kind is None and answer.status == 401 and code not in _API_ERRORS:
        kind = OktaAuthError
    if kind is OktaScopeError and len(asked) == 1:
        return _error(kind, answer, body, hide, missing_scope=next(iter(asked)))
    return _error(kind or _usual_kind(answer, code), answer, body, hide)


def api_refusal(answer: Answer, *, scope: str, paging: bool, hide: str) -> OktaError:
    """What a refusal of an API call means.

    Args:
        scope: what the operation needs, named when Okta's challenge does not name it.
        paging: whether the request carried a cursor, which Okta may have forgotten.
        hide: the access token.
    """
    body = read_object(answer.body)
    code = _code(body)
    challenge = " ".join(answer.header_all("www-authenticate"))
    if 'error="invalid_dpop_proof"' in challenge:
        return _error(OktaDpopRequired, answer, body, hide)
    if answer.status == 403 and 'error="insufficient_scope"' in challenge:
        named = _CHALLENGED_SCOPE.search(challenge)
        missing = named[1] if named else scope
        return _error(OktaScopeError, answer, body, hide, missing_scope=missing)
    if paging and code in _CURSOR_ERRORS:
        return _error(OktaCursorError, answer, body, hide)
    kind = _usual_kind(answer, code)
    if kind is OktaAuthError:
        return _error(kind, answer, body, hide, code="invalid_token")
    return _error(kind, answer, body, hide)


def _usual_kind(answer: Answer, code: str) -> type[OktaError]:
    """By Okta's code, else by status and what kind of page answered."""
    if kind := _API_ERRORS.get(code):
        return kind
    match answer.status:
        case 429:
            return OktaRateLimited
        case status if status >= 500 or status in (408, 423):
            return OktaUnavailable
        case 401:
            return OktaAuthError
        # The edge answers 404 without a code, or with a page, for a name that no org has.
        case status if status < 400 or (status in (404, 410) and not code):
            return OktaWrongHost
        case _ if answer.media_type == "text/html":
            return OktaWrongHost
        case _:
            return OktaRequestError


def _error(
    kind: type[OktaError],
    answer: Answer,
    body: dict[str, Any],
    hide: str,
    *,
    missing_scope: str = "",
    code: str = "",
) -> OktaError:
    okta_code = _code(body)
    told = f"{okta_code or answer.status}: {_summary(body)}".removesuffix(": ")
    return kind(
        printable(told, hide),
        code=code,
        retry_after=_wait_after(kind, answer),
        status=answer.status,
        error_code=_unless_told(hide, okta_code),
        error_id=_unless_told(hide, _plain(_text(body, "errorId"))),
        request_id=answer.request_id,
        missing_scope=missing_scope,
    )


def _wait_after(kind: type[OktaError], answer: Answer) -> float | None:
    if kind is OktaReadOnly:
        return READ_ONLY_S
    return wait_after_429(answer) if answer.status == TOO_MANY_REQUESTS else None


def _code(body: dict[str, Any]) -> str:
    """OAuth's ``error`` or Okta's ``errorCode``: the token endpoint sends either."""
    return _plain(_text(body, "error") or _text(body, "errorCode"))


def _summary(body: dict[str, Any]) -> str:
    causes = body.get("errorCauses")
    first = causes[0] if isinstance(causes, list) and causes else None
    cause = _text(first, "errorSummary") if isinstance(first, dict) else ""
    told = _text(body, "error_description") or _text(body, "errorSummary")
    return f"{told} ({cause})" if cause else told


def _plain(text: str) -> str:
    """``text`` if it has the shape of Okta's codes and request ids, else ''."""
    return text if _CODE_OR_ID.fullmatch(text) else ""


def _unless_told(secret: str, text: str) -> str:
    """``text``, '' where it gives away ``secret``: a code or an id may have its shape."""
    return "" if secret and secret in text else text


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""

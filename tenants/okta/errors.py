"""Everything that can go wrong between us and an org.

    OktaError
    ├── OktaAuthError        invalid_client, invalid_token   the credential or the token is refused
    ├── OktaWrongApp         wrong_app         the credential is of another kind of application
    ├── OktaDpopRequired     dpop_required     likewise; a custom app that insists on DPoP
    ├── OktaScopeError       scope_missing     a scope was never granted to this install
    ├── OktaForbidden        role_too_narrow   the scope is there, the admin role is too small
    ├── OktaNetworkZone      network_zone      the org lets only certain addresses ask for tokens
    ├── OktaNotLicensed      not_licensed      the org has not bought the feature
    ├── OktaNotFound         not_found         the one thing asked for is gone
    ├── OktaWrongHost        wrong_host        no living org answers under this name
    ├── OktaRequestError     rejected          any other refusal of one request
    │   └── OktaCursorError  cursor_refused    a listing must start again at its first page
    ├── OktaRateLimited      rate_limited      retryable, and says when
    ├── OktaUnavailable      unavailable       retryable: no connection, time-out, 5xx
    │   └── OktaReadOnly     read_only         the org takes no writes for some minutes
    ├── OktaProtocolError    protocol          retryable: an answer that cannot be read
    ├── OktaAmbiguous        ambiguous         a write that may have happened
    └── EgressRefused        egress_refused    our own rules forbade the exchange

Callers ask three questions: ``retryable`` (may I try again unchanged?), ``retry_after`` (in how
many seconds, None = your choice) and ``code`` (a stable slug, stored in rows). Texts carry at most
a shortened, masked summary from Okta: never a body, a secret or a token.
"""

import re

SUMMARY_LENGTH = 200

# Client secrets are 40 or 64 characters, tokens far longer; Okta's ids are 20.
_SECRET_LIKE = re.compile(r"[A-Za-z0-9_\-+/=]{32,}")


class OktaError(Exception):
    """Base of the tree.

    Attributes:
        status: HTTP status, None when no answer was read.
        error_code: Okta's ``E0000…`` or the OAuth ``error``, '' when there was none.
        error_id, request_id: what Okta's support asks for, '' when absent.
        missing_scope: what would help, several separated by spaces, '' when it is not known.
        sent: whether the request may have reached Okta before this happened.
    """

    code = "okta"
    retryable = False

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        retryable: bool | None = None,
        retry_after: float | None = None,
        status: int | None = None,
        error_code: str = "",
        error_id: str = "",
        request_id: str = "",
        missing_scope: str = "",
        sent: bool = False,
    ) -> None:
        super().__init__(printable(message) or self.code)
        self.code = code or type(self).code
        self.retryable = type(self).retryable if retryable is None else retryable
        self.retry_after = retry_after
        self.status = status
        self.error_code = error_code
        self.error_id = error_id
        self.request_id = request_id
        self.missing_scope = missing_scope
        self.sent = sent


class OktaAuthError(OktaError):
    """``invalid_client`` from the token endpoint, ``invalid_token`` from the API."""

    code = "invalid_client"


class OktaWrongApp(OktaError):
    code = "wrong_app"


class OktaDpopRequired(OktaError):
    code = "dpop_required"


class OktaScopeError(OktaError):
    code = "scope_missing"


class OktaForbidden(OktaError):
    code = "role_too_narrow"


class OktaNetworkZone(OktaError):
    code = "network_zone"


class OktaNotLicensed(OktaError):
    code = "not_licensed"


class OktaNotFound(OktaError):
    code = "not_found"


class OktaWrongHost(OktaError):
    code = "wrong_host"


class OktaRequestError(OktaError):
    code = "rejected"


class OktaCursorError(OktaRequestError):
    code = "cursor_refused"


class OktaRateLimited(OktaError):
    code = "rate_limited"
    retryable = True


class OktaUnavailable(OktaError):
    code = "unavailable"
    retryable = True


class OktaReadOnly(OktaUnavailable):
    code = "read_only"


class OktaProtocolError(OktaError):
    code = "protocol"
    retryable = True


class OktaAmbiguous(OktaError):
    """Nobody may repeat this write before reading what became of it; the cause says what broke."""

    code = "ambiguous"

    @classmethod
    def after(cls, error: OktaError) -> "OktaAmbiguous":
        return cls(
            f"the change may have been made: {error}",
            status=error.status,
            error_code=error.error_code,
            error_id=error.error_id,
            request_id=error.request_id,
            sent=True,
        )


class EgressRefused(OktaError):
    code = "egress_refused"


class ScopeNotHeld(ValueError):
    """Our own mistake: an operation was called on a client whose token was not asked for it."""


def printable(text: str, hide: str = "") -> str:
    """``text`` made safe for a log line: masked, escaped, at most `SUMMARY_LENGTH` characters.

    Okta echoes parts of the request in its summaries, so line breaks and escape sequences are
    shown as such. ``hide`` is a value that must not appear whatever its length.
    """
    if hide:
        text = text.replace(hide, "***")
    masked = _SECRET_LIKE.sub("***", text)[:SUMMARY_LENGTH]
    escaped = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in masked
    )
    return escaped[:SUMMARY_LENGTH]

"""What each refusal means, by status and code: quirks.md §2.2 and contract.md §2.2, §6.

Written from those tables and not from the product's own, which it is to check.
"""

from tenants.okta.errors import (
    OktaAmbiguous,
    OktaAuthError,
    OktaCursorError,
    OktaDpopRequired,
    OktaError,
    OktaNotFound,
    OktaNotLicensed,
    OktaRateLimited,
    OktaRequestError,
    OktaUnavailable,
    OktaWrongHost,
)
from tenants.okta.operations import Effect, Operation
from tests.conformance.recorded import Exchange

MEANINGS: dict[tuple[int, str], type[OktaError]] = {
    (400, "E0000001"): OktaRequestError,  # a mistake in the request, or an org's quota
    (400, "E0000003"): OktaRequestError,
    (400, "E0000019"): OktaRequestError,
    (400, "E0000024"): OktaRequestError,
    (400, "E0000029"): OktaCursorError,  # the recorded one was sent a cursor of no listing
    (400, "E0000226"): OktaRequestError,
    (400, "use_dpop_nonce"): OktaDpopRequired,
    (400, "invalid_dpop_proof"): OktaDpopRequired,
    (401, "E0000004"): OktaAuthError,
    (401, "E0000015"): OktaNotLicensed,  # says nothing about the token
    (403, "E0000032"): OktaRequestError,
    (403, "E0000038"): OktaRequestError,
    (403, "E0000056"): OktaRequestError,  # to be deactivated first; no scope is missing
    (403, "E0000148"): OktaRequestError,
    (403, "E0000166"): OktaRequestError,
    (404, "E0000007"): OktaNotFound,
    (404, ""): OktaWrongHost,  # the edge's: no org has this name
    (405, "E0000022"): OktaRequestError,
    (423, "E0000239"): OktaUnavailable,
    (429, "E0000047"): OktaRateLimited,
    (500, "E0000009"): OktaUnavailable,
}


def meaning(one: Exchange, operation: Operation) -> type[OktaError] | None:
    """None for a success. A token bound to a key is one that the product refuses."""
    body = one.answered if isinstance(one.answered, dict) else {}
    if one.answer.ok:
        return OktaDpopRequired if body.get("token_type") == "DPoP" else None
    if one.answer.status >= 500 and operation.effect != Effect.READ:
        return OktaAmbiguous
    return MEANINGS[one.answer.status, body.get("errorCode") or body.get("error") or ""]

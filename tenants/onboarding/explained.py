"""Trouble in words for a customer, who cannot help with ours."""

from dataclasses import replace

from tenants.connections.explanations import Explanation, explain
from tenants.errors import ServiceError

#: Explained elsewhere in words for our operators.
OURS = frozenset(
    {
        *("cancelled", "incomplete", "internal", "quarantined", "seal_broken", "shrink_held"),
        *("change_refused", "change_unsettled", "list_too_long"),
    }
)
#: What passes by itself: no secret that a customer sends would help.
PASSING = frozenset(
    {
        *("cursor_refused", "egress_refused", "not_found", "protocol"),
        *("rate_limited", "rejected", "unavailable"),
    }
)
KEPT = "What was read before is kept."

#: Refusals of what a customer asked for, who does not think of themselves as a tenant.
_IN_THEIR_WORDS = {
    "not_connected": "Nothing is connected at the moment, or it is paused already.",
    "not_paused": "Reading is not paused, or it was not you who paused it.",
    "already_left": "Your org is disconnected already.",
}


def refusal(code: str) -> Explanation:
    """Why what was sent just now did not work."""
    return explain("internal" if code in OURS else code)


def standing_trouble(code: str) -> Explanation | None:
    """What the customer must mend in a connection that exists; None where it is not theirs."""
    if not code or code in OURS | PASSING:
        return None
    return replace(explain(code), lost=KEPT)


def in_their_words(refused: ServiceError) -> str:
    return _IN_THEIR_WORDS.get(refused.code, str(refused))

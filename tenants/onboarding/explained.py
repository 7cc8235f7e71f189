"""Trouble in words for a customer, who cannot help with ours."""

from dataclasses import replace

from tenants.connections.explanations import Explanation, explain

#: Explained elsewhere in words for our operators.
OURS = frozenset(
    {
        *("cancelled", "incomplete", "internal", "quarantined", "seal_broken", "shrink_held"),
        *("change_refused", "change_unsettled", "list_too_long"),
    }
)


def refusal(code: str) -> Explanation:
    """Why what was sent just now did not work."""
    return explain("internal" if code in OURS else code)


def standing_trouble(code: str) -> Explanation | None:
    """What the customer must mend in a connection that exists; None where it is not theirs."""
    if not code or code in OURS:
        return None
    return replace(explain(code), lost="What was read before is kept.")

"""Trouble in words for an operator, who must see at a glance whose task it is."""

from dataclasses import replace

from tenants.connections.explanations import Explanation, explain
from tenants.onboarding.explained import OURS

_OUR_MISTAKE = replace(
    explain("internal"),
    what="This is a mistake in the service itself, not in the customer's org.",
    lost="Nothing was changed in the Okta org, and what was read before is kept.",
    fix=(
        "Search the worker's log for the run's id: the traceback stands there.",
        "Once the cause is mended, run it again. Nothing has to be cleaned up.",
    ),
)


def explain_to_operator(code: str) -> Explanation:
    found = explain(code)
    return _OUR_MISTAKE if found.code == _OUR_MISTAKE.code else found


def heading_of(explanation: Explanation) -> str:
    """Above the steps. Most explanations speak to the admin, who reads the same text."""
    ours = explanation.code in OURS
    return "What to do" if ours else "What the customer's admin has to do"

"""Trouble in words for an operator, who must see at a glance whose task it is."""

from dataclasses import replace

from tenants.connections.explanations import Explanation, explain
from tenants.onboarding.explained import KEPT, OURS

_OUR_MISTAKE = replace(
    explain("internal"),
    what="This is a mistake in the service itself, not in the customer's org.",
    lost="Nothing was changed in the Okta org, and what was read before is kept.",
    fix=(
        "Search the worker's log for the run's id: the traceback stands there.",
        "Once the cause is mended, run it again. Nothing has to be cleaned up.",
    ),
)


#: What most explanations say was lost: they are written for a secret that was just sent.
_LOST_BY_A_PROOF = explain("wrong_secret").lost


def explain_to_operator(code: str, *, of_a_proof: bool = False) -> Explanation:
    found = explain(code)
    if found.code == _OUR_MISTAKE.code:
        return _OUR_MISTAKE
    if found.lost == _LOST_BY_A_PROOF and not of_a_proof:
        return replace(found, lost=KEPT)
    return found


def heading_of(explanation: Explanation) -> str:
    """Above the steps. Most explanations speak to the admin, who reads the same text."""
    ours = explanation.code in OURS
    return "What to do" if ours else "What the customer's admin has to do"

"""How a run of changes ends: what is left of it, who has to look, and what follows."""

from collections import Counter
from typing import Any

from django.db.models.functions import Now

from tenants.actions.wanted import target_of
from tenants.choices import IntentState, RunKind, RunState
from tenants.connections.trouble import UNSETTLED, change_unsettled
from tenants.models import AuditEvent, Intent, Run
from tenants.runs.handlers import Conclusion
from tenants.runs.queue import run_follow

_STUCK = {
    IntentState.REFUSED: "change_refused",
    IntentState.NEEDS_ATTENTION: UNSETTLED,
}


def conclude_changes(run: Run) -> Conclusion:
    """All is done, or one change is stuck and those after it are not sent. For the transaction
    that ends the run."""
    stuck = run.intents.filter(state__in=_STUCK).first()
    if run.intents.filter(sent_count__gt=0).exists():
        run_follow(tenant=run.tenant, kind=RunKind.SYNC)  # the mirror shall show it
    if stuck is None:
        return Conclusion(outcome=_wound_up(run))
    _drop(run, f"Not sent: {stuck.number} of this run was not made, and this may build on it.")
    code = _STUCK[IntentState(stuck.state)]
    named = f"{stuck.number}. {target_of(stuck.operation, stuck.path)}"
    return Conclusion(RunState.FAILED, code, f"{named}: {stuck.evidence}", _wound_up(run))


def end_changes(run: Run, code: str) -> None:
    """The run ends for another reason: what was not sent is dropped, and what was sent without
    being read since is for a human to look into."""
    run.intents.filter(state=IntentState.SENT).update(
        state=IntentState.NEEDS_ATTENTION,
        settled_at=Now(),
        known=None,
        evidence=f"The run ended ({code}) before it was read what became of it.",
    )
    _drop(run, f"Not sent: the run ended before it ({code}).")
    run.outcome = _wound_up(run)


def _drop(run: Run, evidence: str) -> None:
    planned = run.intents.filter(state=IntentState.PLANNED)
    planned.update(state=IntentState.DROPPED, settled_at=Now(), known=None, evidence=evidence[:300])


def _wound_up(run: Run) -> dict[str, Any]:
    """Tell whoever has to know; returns the run's outcome, a count for each state."""
    states = dict(Counter(Intent.objects.filter(run=run).values_list("state", flat=True)))
    if IntentState.NEEDS_ATTENTION in states:
        change_unsettled(run)
    AuditEvent.objects.record("change.ended", tenant=run.tenant, run=str(run.pk), changes=states)
    return {"changes": states}

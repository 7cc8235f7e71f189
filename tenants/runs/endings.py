"""How runs end: in one transaction with everything that follows from it."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, DateTimeField, F, Value, When
from django.db.models.functions import Greatest, Now

from tenants import figures
from tenants.choices import EventLevel, RunState, Trigger, Urgency
from tenants.models import ListingPage, Run, TenantSummary
from tenants.runs.context import RunContext
from tenants.runs.failures import DATABASE_TROUBLE, Pause
from tenants.runs.handlers import Conclusion, Handler, handler_for
from tenants.runs.history import forget_surplus_runs
from tenants.runs.leases import Lease, unheld
from tenants.runs.log import say

logger = logging.getLogger(__name__)

_LEVELS = {RunState.SUCCEEDED: EventLevel.INFO, RunState.CANCELLED: EventLevel.WARNING}


def conclude(lease: Lease, handler: Handler, context: RunContext) -> None:
    """The work is done: let the handler draw its conclusion, and end the run with it."""
    with transaction.atomic():
        lease.renew(**context.counts())
        conclusion = handler.conclude(context)
        context.write_log()
        _end(context.run, conclusion)


def refuse(
    lease: Lease, context: RunContext, *, state: RunState, code: str, detail: str = ""
) -> None:
    """The run failed, errored or was cancelled: end it and undo what must not stay."""
    with transaction.atomic():
        lease.renew(**context.counts())
        conclusion = _undone(context, Conclusion(state, code, detail))
        context.write_log()
        _end(context.run, conclusion)


def close_unheld(run: Run, state: RunState, code: str, detail: str) -> bool:
    """End a run that no worker holds; False when one does. The caller has locked the run's row."""
    if not unheld().filter(pk=run.pk).exists():
        return False
    close(run, state, code, detail)
    return True


def close(run: Run, state: RunState, code: str, detail: str) -> None:
    """End a live run whoever holds it: what its worker does after that is not written.

    The caller has locked the run's row.
    """
    _end(run, _undone(RunContext(run), Conclusion(state, code, detail)))


def _undone(context: RunContext, conclusion: Conclusion) -> Conclusion:
    """Let the handler undo what must not stay, and tell what came of the run.

    Where it cannot, the run ends with that: else it would be taken up for ever, only to fail here.
    Trouble with the database passes.
    """
    run = context.run
    try:
        with transaction.atomic():
            handler_for(run.kind).refused(context, conclusion.error_code)
    except DATABASE_TROUBLE:
        raise
    except Exception:
        logger.exception("what run %s leaves behind could not be undone", run.pk)
        ours = replace(conclusion, state=RunState.ERRORED, error_code="internal")
        why = f"{conclusion.error_detail} What it leaves behind could not be undone: our mistake."
        return replace(ours, error_detail=why.strip(), outcome=run.outcome)
    return replace(conclusion, outcome=run.outcome)


def put_back(lease: Lease, context: RunContext, pause: Pause | None = None) -> None:
    """Give the run back to the queue: behind those that are due already, or after a pause."""
    values: dict[str, Any] = {"state": RunState.QUEUED, "owner": "", "lease_until": None}
    values["not_before"] = _unless_cancelled(pause.seconds) if pause else Now()
    with transaction.atomic():
        if pause:
            values["waiting_for"] = pause.reason[:200]
            values["wait_s"] = F("wait_s") + (0 if pause.is_ours else pause.seconds)
            values["attempts"] = 0
            values["failures"] = F("failures") + int(pause.counts)
            say(context.run.pk, f"Waiting {pause.seconds:.0f} s for {pause.reason}.")
        else:  # it was served at once; what takes longer than a slice takes turns with the rest
            values["urgency"] = Greatest("urgency", Value(Urgency.SCHEDULED))
        context.write_log()
        lease.update(**values, **context.counts())


def _unless_cancelled(seconds: float) -> Case:
    """After a pause, or at once for a run that waits only to be told that it was cancelled."""
    return Case(
        When(cancel_asked_at__isnull=False, then=Now()),
        default=Now() + timedelta(seconds=seconds),
        output_field=DateTimeField(),
    )


def _end(run: Run, conclusion: Conclusion) -> None:
    ending = {
        "state": conclusion.state,
        "error_code": conclusion.error_code,
        "error_detail": conclusion.error_detail[:500],
        "outcome": conclusion.outcome,
    }
    Run.objects.filter(pk=run.pk).update(
        **ending, ended_at=Now(), owner="", lease_until=None, activity="", checkpoint={}
    )
    figures.runs_ended.labels(run.kind, conclusion.state).inc()
    for name, value in ending.items():
        setattr(run, name, value)
    ListingPage.objects.filter(run=run).delete()
    level = _LEVELS.get(conclusion.state, EventLevel.ERROR)
    say(run.pk, _last_words(conclusion), level)
    _follow(run)
    TenantSummary.objects.refresh(run.tenant)
    forget_surplus_runs(run.tenant)


def _follow(run: Run) -> None:
    """Queue the run that was asked for while this one was under way.

    Nobody else could queue one before this transaction is over, so it meets no other.
    """
    if Run.objects.filter(pk=run.pk, again=True).exists():
        Run.objects.create(
            tenant=run.tenant,
            kind=run.kind,
            target=run.target,
            trigger=Trigger.FOLLOW_UP,
            not_before=Now(),
        )


def _last_words(conclusion: Conclusion) -> str:
    words = RunState(conclusion.state).label
    return f"{words}: {conclusion.error_detail}" if conclusion.error_detail else f"{words}."

"""Working one slice of one run.

A slice takes at most a minute or twenty steps, then the run goes back to the queue: a deploy
empties a worker quickly, a crash repeats at most one step, and no tenant keeps a worker.
"""

import logging
import time
import uuid
from contextlib import closing

import structlog
from django.db import connection, transaction
from django.db.models import F

from tenants import figures
from tenants.choices import RunState
from tenants.models import Run
from tenants.runs import at_work, doorbell
from tenants.runs.breakers import forget_failures, luck_after
from tenants.runs.context import RunContext
from tenants.runs.endings import conclude, put_back, refuse
from tenants.runs.failures import DATABASE_TROUBLE, EXPECTED, Pause, decide
from tenants.runs.handlers import Handler, Refusal, Step, handler_for, known_kinds
from tenants.runs.leases import LEASE_S, Lease, LeaseLost, claim, give_back
from tenants.runs.owners import lay_down, new_mark

SLICE_S = 60.0
SLICE_STEPS = 20
#: Claims without progress after which a run counts as poison.
MOST_ATTEMPTS = 5
#: How often a worker that lost the database tries to give back what it holds.
GIVE_BACK_EVERY_S = 1.0

#: Progress wipes these out.
_FORGIVEN = {"attempts": 0, "failures": 0}

draining = at_work.draining

logger = logging.getLogger(__name__)


class _Cancelled(Exception):
    """An operator asked to stop this run."""


def work(run_id: uuid.UUID) -> bool:
    """Claim the run and work one slice of it; False when there was nothing to claim.

    A duplicate, late or forged doorbell finds nothing to claim and ends here.
    """
    mark = new_mark()
    try:
        lease = claim(run_id, mark, kinds=known_kinds())
        if lease is None:
            doorbell.answered(run_id)
            return False
        with at_work.slot_taken():
            _work_as_holder(run_id, lease)
    except Exception as exc:
        # The run may carry our mark, even if only the answer to our claim was lost; and we live on.
        _give_back(run_id, mark, blameless=isinstance(exc, DATABASE_TROUBLE))
        raise
    return True


def _give_back(run_id: uuid.UUID, mark: str, *, blameless: bool) -> None:
    """Give back what is held under ``mark`` as soon as the database takes that in; it may be away.

    This thread has nothing else to do until then. If it ends before, a tick of this process knows.
    """
    lay_down(mark)
    until = time.monotonic() + LEASE_S
    while time.monotonic() < until:
        try:
            if not give_back(mark, blameless=blameless):
                doorbell.forget(run_id)  # answered in vain: the next tick may ring again
            return
        except DATABASE_TROUBLE:
            connection.close()
            if draining.wait(GIVE_BACK_EVERY_S):
                return


def _work_as_holder(run_id: uuid.UUID, lease: Lease) -> None:
    run = Run.objects.select_related("tenant").get(pk=run_id)
    with (
        structlog.contextvars.bound_contextvars(run=str(run_id), tenant=str(run.tenant_id)),
        RunContext(run, lease) as context,
    ):
        try:
            with figures.slice_seconds.labels(run.kind).time():
                _work_slice(lease, context)
        except LeaseLost:
            figures.lease_losses.inc()
            # With what went wrong before it, if anything did: nobody else will tell.
            logger.info("lease lost, leaving the run to its new holder", exc_info=True)


def _work_slice(lease: Lease, context: RunContext) -> None:
    run, handler = context.run, handler_for(context.run.kind)
    if run.attempts > MOST_ATTEMPTS:
        detail = f"Given up after {MOST_ATTEMPTS} attempts that ended without a trace."
        refuse(lease, context, state=RunState.ERRORED, code="quarantined", detail=detail)
        return
    try:
        finished = _take_steps(lease, handler, context)
        if finished:
            conclude(lease, handler, context)
        else:
            put_back(lease, context)
    except _Cancelled:
        detail = "Stopped after its current page."
        refuse(lease, context, state=RunState.CANCELLED, code="cancelled", detail=detail)
    except Refusal as exc:
        refuse(lease, context, state=RunState.FAILED, code=exc.code, detail=exc.detail)
    except EXPECTED as exc:
        _pause_or_fail(lease, handler, context, exc)
    except (LeaseLost, *DATABASE_TROUBLE):
        # Without a database nothing true can be written: the run is given back as it was.
        raise
    except Exception as exc:
        detail = f"Our mistake ({type(exc).__name__}). It is in our log under this run's id."
        refuse(lease, context, state=RunState.ERRORED, code="internal", detail=detail)
        raise


def _take_steps(lease: Lease, handler: Handler, context: RunContext) -> bool:
    """Work until the end (True) or until the slice is used up (False)."""
    if context.run.cancel_asked_at:
        raise _Cancelled
    stop_at = time.monotonic() + SLICE_S
    with closing(iter(handler.steps(context))) as steps:  # type: ignore[type-var]
        for taken, step in enumerate(steps, start=1):
            _commit(lease, context, step, org_answers=taken == 1 and context.has_asked)
            used_up = taken >= SLICE_STEPS or time.monotonic() >= stop_at or draining.is_set()
            if used_up and not step.announces:
                return False
    return True


def _commit(lease: Lease, context: RunContext, step: Step, *, org_answers: bool) -> None:
    """Write a step with its checkpoint, all or nothing; then stop if somebody asked for that."""
    progress = {
        "checkpoint": step.checkpoint,
        "activity": step.activity[:200],
        "done_count": F("done_count") if step.done_count is None else step.done_count,
        "total_count": F("total_count") if step.total_count is None else step.total_count,
    }
    at_work.moved()
    with transaction.atomic():
        forgiven = {} if step.announces else _FORGIVEN
        goes_on = lease.renew(**progress, **context.counts(), **forgiven)
        if org_answers:
            forget_failures(context.run)
        if step.write:
            step.write()
        context.write_log()
    if step.announces:
        return
    context.run.attempts = context.run.failures = 0
    if not goes_on:
        raise _Cancelled


def _pause_or_fail(lease: Lease, handler: Handler, context: RunContext, error: Exception) -> None:
    run = context.run
    with transaction.atomic():
        lease.renew()  # whoever was frozen amid a request learned nothing about the org
        luck = luck_after(run, error)
    decision = decide(error, handler, luck, failures=run.failures, waited_s=run.wait_s)
    if isinstance(decision, Pause):
        put_back(lease, context, decision)
        return
    refuse(lease, context, state=RunState.FAILED, code=decision.code, detail=decision.detail)

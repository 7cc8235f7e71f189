"""What becomes of runs that were asked to stop: none of them hangs, whatever its worker does."""

import uuid

from django.db import transaction

from tenants.choices import LIVE_RUN_STATES, RunState
from tenants.models import Run
from tenants.runs.endings import close_unheld
from tenants.runs.leases import LEASE_S, end_lease
from tenants.runs.workers import Liveness, liveness

#: At most so many in one tick.
BATCH = 100

AFTER_CANCELLING = {
    None: "It stops as soon as it begins.",
    Liveness.AT_WORK: "Its worker is at work: the run stops after its current page.",
    Liveness.GONE: "Its worker is gone: the run ends at once.",
    Liveness.UNKNOWN: "Whether its worker lives cannot be told: the run stops after its current "
    f"page, or is ended when its lease is over, within {LEASE_S} s.",
}


def close_abandoned(run: Run, worker: Liveness | None, detail: str) -> bool:
    """Cancel a run that no worker holds, or one that is gone; False when somebody works at it.

    The caller has locked the run's row. Should the worker come back from the dead it writes
    nothing: the run has ended, and no fence opens it again.
    """
    if worker is Liveness.GONE:
        end_lease(run.pk, run.fence)
        detail += " Its worker was gone."
    return close_unheld(run, RunState.CANCELLED, "cancelled", detail)


def end_the_cancelled() -> int:
    """End the runs whose workers did not live to see that they were cancelled; returns how many.

    Also of tenants that are paused meanwhile, whose runs no worker would take up to learn of it.
    """
    asked = Run.objects.filter(cancel_asked_at__isnull=False, ended_at__isnull=True)
    return sum(_end(run_id) for run_id in asked.values_list("pk", flat=True)[:BATCH])


def _end(run_id: uuid.UUID) -> bool:
    with transaction.atomic():
        asked = Run.objects.filter(state__in=LIVE_RUN_STATES, cancel_asked_at__isnull=False)
        run = asked.select_for_update(skip_locked=True).filter(pk=run_id).first()
        if run is None:
            return False
        worker = liveness(run.owner) if run.state == RunState.RUNNING else None
        return close_abandoned(run, worker, "Stopped as was asked.")

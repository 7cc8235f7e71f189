"""Runs of kinds that this version does not know: queued by a newer one, whose deploy is under way
or was taken back. No worker takes them up; here they end when none has come that could."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from tenants.choices import RunState
from tenants.models import Run
from tenants.runs.endings import close_unheld
from tenants.runs.handlers import known_kinds
from tenants.runs.leases import unheld

#: How long a deploy may take until every worker knows what there is to do.
PATIENCE = timedelta(hours=1)
#: At most so many in one tick.
BATCH = 100


def end_strangers() -> int:
    """End, as our mistake, those that have been due for too long; returns how many."""
    late = unheld().filter(not_before__lt=Now() - PATIENCE).exclude(kind__in=known_kinds())
    return sum(_end(run_id) for run_id in late.values_list("pk", flat=True)[:BATCH])


def _end(run_id: uuid.UUID) -> bool:
    with transaction.atomic():
        run = Run.objects.select_for_update(skip_locked=True).filter(pk=run_id).first()
        detail = "No worker came that knows runs of this kind."
        return run is not None and close_unheld(run, RunState.ERRORED, "unknown_kind", detail)

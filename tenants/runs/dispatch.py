"""The tick: queue what is due, ring for what waits."""

from datetime import timedelta

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Now

from tenants.choices import RunKind, Trigger
from tenants.runs import doorbell
from tenants.runs.history import forget_old_runs
from tenants.runs.leases import claimable, free_the_dead
from tenants.runs.schedule import queue_due_jobs

#: A doorbell that was not answered within this time is taken for lost.
RING_AGAIN_S = 30
#: Doorbells a tick may send; more would only wait in Redis.
MOST_RINGS = 200


def tick() -> None:
    queue_due_jobs()
    free_the_dead()
    ring_due_runs()
    forget_old_runs()


def ring_due_runs() -> int:
    """Ring for runs that a worker could take now, people's first; returns how many."""
    unanswered = Q(rung_at=None) | Q(rung_at__lt=Now() - timedelta(seconds=RING_AGAIN_S))
    due = claimable().filter(unanswered).order_by(_urgency(), "not_before")
    return doorbell.ring(list(due.values_list("pk", flat=True)[:MOST_RINGS]))


def _urgency() -> Case:
    """Somebody is watching a verification or a run that an operator asked for."""
    return Case(
        When(kind=RunKind.VERIFY, then=Value(0)),
        When(trigger__in=[Trigger.OPERATOR, Trigger.RETRY, Trigger.CONNECT], then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )

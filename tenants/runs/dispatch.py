"""The tick: queue what is due, ring for what waits."""

import uuid
from datetime import timedelta
from threading import Lock
from typing import Any

from django.conf import settings
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When, Window
from django.db.models.functions import Now, RowNumber

from tenants import figures
from tenants.broker.uses import forget_old_uses
from tenants.choices import LIVE_RUN_STATES, Urgency
from tenants.models import Run
from tenants.runs import at_work, doorbell, workers
from tenants.runs.cancelling import end_the_cancelled
from tenants.runs.handlers import known_kinds
from tenants.runs.history import forget_old_runs
from tenants.runs.leases import claimable, free_the_dead, in_work
from tenants.runs.schedule import queue_due_jobs
from tenants.runs.strangers import end_strangers
from tenants.runs.supply import Supply

#: Doorbells that wait for workers, beside those for people: twice what is in work, at least these.
FEWEST_RINGS = 16
#: Doorbells for people that one call sends.
MOST_PROMPT_RINGS = 200
#: Of what is due, how many a worker tries that looks itself. Some tenants may have no room.
MOST_TRIED = 5
#: Bulk work that has been due for so long counts as scheduled, so that its turn comes.
BULK_PATIENCE = timedelta(minutes=15)

_ringing = Lock()
_supply = Supply()


def tick(*, by_beat: bool = False) -> None:
    """``by_beat`` when it was rung for; else a worker found that nobody had ticked for too long."""
    workers.note_tick(by_beat=by_beat)
    with figures.tick_seconds.labels("beat" if by_beat else "worker").time():
        queue_due_jobs()
        free_the_dead()
        end_the_cancelled()
        end_strangers()
        ring_due_runs()
        forget_old_runs()
        forget_old_uses()
        workers.forget_the_gone()


def ring_after_slice() -> int:
    """As `ring_due_runs`; but while enough is on its way, only for what people wait for."""
    return ring_due_runs(only_for_people=_supply.lasts())


def ring_due_runs(*, only_for_people: bool = False) -> int:
    """Ring for what workers should take next; returns for how many runs.

    Few enough doorbells are on their way that whose turn it is is decided here, not by a queue.
    A process that was asked to stop leaves it to others, and to the next tick.
    """
    with _ringing:  # threads that count together would together ring for too many
        if at_work.draining.is_set():  # a Redis that hangs would keep each slot for its turn
            return 0
        if only_for_people:
            return doorbell.ring(_waited_for())
        if not _anything_waits():  # most slices of a fleet that keeps up end here
            return 0
        return doorbell.ring(_waited_for()) + _ring_in_turn()


def _anything_waits() -> bool:
    """Whether a run is due that nobody works at or rings for; it may still have to wait."""
    due = _live().filter(not_before__lte=Now())
    return due.exclude(in_work() | doorbell.is_rung()).exists()


def next_due() -> list[uuid.UUID]:
    """The next few that a worker could take, whether rung for or not."""
    live = _live() & claimable()
    return list(live.order_by("urgency", "not_before").values_list("pk", flat=True)[:MOST_TRIED])


def _waited_for() -> "QuerySet[Run, tuple[Any, int]]":
    prompt = (_live() & claimable()).filter(urgency=Urgency.INTERACTIVE)
    unrung = prompt.exclude(doorbell.is_rung()).order_by("not_before")
    return unrung.values_list("pk", "urgency")[:MOST_PROMPT_RINGS]


def _ring_in_turn() -> int:
    rung = _live().filter(doorbell.is_rung()).exclude(urgency=Urgency.INTERACTIVE).count()
    worked_at = Run.objects.filter(in_work()).count()
    enough = max(FEWEST_RINGS, 2 * worked_at)
    now_rung = 0 if rung > enough // 2 else doorbell.ring(_in_turn()[: enough - rung])
    spare = rung + now_rung - enough // 2
    ours = min(at_work.busy(), worked_at)  # who sends mails is busy, too
    _supply.holds(spare * ours // max(worked_at, 1))
    return now_rung


def _in_turn() -> "QuerySet[Run, tuple[Any, int]]":
    """What may be rung for, in the order in which it should be.

    Runs that are in work or rung for take their tenant's first ranks. So no tenant gets beyond its
    limit, and each has a first run in work before another gets a second.
    """
    taken = in_work() | doorbell.is_rung()
    first_taken = Case(When(taken, then=Value(0)), default=Value(1), output_field=IntegerField())
    rank = Window(
        RowNumber(),
        partition_by=F("tenant_id"),
        order_by=(first_taken, _turn(), F("not_before"), F("pk")),
    )
    rung_already = When(taken | Q(urgency=Urgency.INTERACTIVE), then=Value(0))
    return (
        (_live() & (claimable() | Run.objects.filter(taken)))
        .annotate(rank=Case(rung_already, default=rank, output_field=IntegerField()))
        .filter(rank__gt=0, rank__lte=settings.TENANT_RUNS_AT_ONCE)
        .order_by(_turn(), "rank", "not_before", "pk")
        .values_list("pk", "urgency")
    )


def _live() -> "QuerySet[Run]":
    """Of the kinds that are worked here. For others a newer version rings, or nobody: doorbells
    that no worker can answer would be all that is on its way."""
    return Run.objects.filter(state__in=LIVE_RUN_STATES, kind__in=known_kinds())


def _turn() -> Case:
    late = Q(urgency=Urgency.BULK, not_before__lt=Now() - BULK_PATIENCE)
    return Case(
        When(late, then=Value(Urgency.SCHEDULED)),
        default=F("urgency"),
        output_field=IntegerField(),
    )

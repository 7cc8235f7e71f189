"""Standing jobs: which slot is next, and queueing what is due.

Slots are counted from the epoch, shifted by an offset that is each tenant's own: many tenants
spread over the interval, restarts change nothing, and missed slots become one. They are Unix
seconds, which know no summer time, and the clock is the database's, which all ticks share.
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from tenants.choices import STANDING_KINDS, RunKind, TenantState, Trigger, Urgency
from tenants.models import FleetPause, Job, Run, Tenant, TenantSummary
from tenants.runs.slots import Slot, insert_runs

#: Jobs in one transaction. A tick takes all that are due, batch after batch.
BATCH = 500
#: Of jobs to be planned anew. What is left comes with the next ticks: a new interval for 10,000
#: tenants must keep none of them waiting.
BATCHES_ANEW = 2
#: A tenant in trouble is tried again this long after the slot it missed: orgs come back by
#: themselves too, and then nobody would have to do anything.
PROBE_AFTER = timedelta(days=1)


def offset_s(tenant_id: uuid.UUID, kind: str, every_s: int) -> int:
    """This tenant's own second within the interval, stable for ever."""
    digest = hashlib.sha256(f"{tenant_id}:{kind}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % every_s


def next_slot(tenant_id: uuid.UUID, kind: str, every_s: int, now: datetime) -> datetime:
    """The first slot after ``now``."""
    offset = offset_s(tenant_id, kind, every_s)
    number = (int(now.timestamp()) - offset) // every_s + 1
    return datetime.fromtimestamp(number * every_s + offset, UTC)


def installation_every_s(kind: RunKind) -> int:
    """The interval of all jobs of this kind that have none of their own."""
    return int({RunKind.SYNC: settings.SYNC_EVERY_S, RunKind.AUDIT: settings.AUDIT_EVERY_S}[kind])


def job_ensure(*, tenant: Tenant, kind: RunKind) -> Job:
    """The tenant's standing job of this kind. One that is there stays as it is, also if paused."""
    every_s = installation_every_s(kind)
    due = next_slot(tenant.pk, kind, every_s, timezone.now())
    planned = {"every_s": every_s, "next_run_at": due}
    return Job.objects.get_or_create(tenant=tenant, kind=kind, defaults=planned)[0]


def job_set_interval(*, tenant: Tenant, kind: RunKind, every_s: int | None) -> None:
    """Give the job an interval of its own, or with None the installation's, from the next tick."""
    Job.objects.for_tenant(tenant).filter(kind=kind).update(own_every_s=every_s)


def queue_due_jobs() -> int:
    """Queue one run for each job whose slot has come; returns how many."""
    now = _now()
    if now is None or FleetPause.objects.exists():
        return 0
    plan_anew(now)
    # One kind after the other. A transaction that held a tenant's audit and waited for its sync
    # would stop the end of that sync, which has an audit follow.
    return sum(_queue_all(due, urgency, now) for due, urgency in _due(now))


def plan_anew(now: datetime) -> int:
    """Plan the next slot of jobs that cannot be planned as they are; returns how many.

    Their interval has changed, or their next slot is further off than one interval: then a clock
    that was ahead has been set right. A slot that had its run already has no second one.
    """
    return sum(_plan_kind_anew(kind, now) for kind in STANDING_KINDS)


def _now() -> datetime | None:
    """The database's time; None when there is no job that could want to know."""
    return Job.objects.annotate(now=Now()).values_list("now", flat=True).first()


def _plan_kind_anew(kind: RunKind, now: datetime) -> int:
    jobs = Job.objects.filter(kind=kind)
    wanted = Coalesce("own_every_s", Value(installation_every_s(kind)))
    misplanned = ~Q(every_s=wanted)
    for every_s in jobs.order_by().values_list("every_s", flat=True).distinct():
        misplanned |= Q(every_s=every_s, next_run_at__gt=now + timedelta(seconds=every_s))
    anew = jobs.filter(misplanned).annotate(wanted=wanted)
    return sum(_plan(batch, now) for batch in _batches(anew, most=BATCHES_ANEW))


def _plan(jobs: list[Any], now: datetime) -> int:
    of_interval = defaultdict(list)
    for job in jobs:
        job.every_s = job.wanted
        job.next_run_at = next_slot(job.tenant_id, job.kind, job.every_s, now)
        of_interval[job.kind, job.every_s].append(job.tenant_id)
    Job.objects.bulk_update(jobs, ["every_s", "next_run_at"])
    for (kind, every_s), tenant_ids in of_interval.items():
        TenantSummary.objects.replanned(tenant_ids, kind, timedelta(seconds=every_s))
    return len(jobs)


def _due(now: datetime) -> Iterator[tuple[QuerySet[Job], Urgency]]:
    for kind in STANDING_KINDS:
        yield _jobs_of(TenantState.CONNECTED, kind, now), Urgency.SCHEDULED
    yield _jobs_of(TenantState.ATTENTION, RunKind.SYNC, now - PROBE_AFTER), Urgency.BULK


def _jobs_of(state: TenantState, kind: RunKind, due_at: datetime) -> QuerySet[Job]:
    # No join: the rows to lock are the jobs' alone.
    tenants = Tenant.objects.filter(pk=OuterRef("tenant_id"), state=state)
    return Job.objects.filter(Exists(tenants), kind=kind, enabled=True, next_run_at__lte=due_at)


def _queue_all(due: QuerySet[Job], urgency: Urgency, now: datetime) -> int:
    # Rows and not objects: of thousands, half of a tick would go into making them.
    rows = due.values_list("pk", "tenant_id", "kind", "next_run_at", "every_s", named=True)
    return sum(_queue(jobs, urgency, now) for jobs in _batches(rows))


def _batches(jobs: QuerySet[Job, Any], most: int | None = None) -> Iterator[list[Any]]:
    """``jobs`` batch after batch, each locked in a transaction with what is done to it.

    All of them, or no more than ``most`` batches. What another tick holds is left to it. SQLite has
    one writer, and so no locks to skip.
    """
    for _ in count() if most is None else range(most):
        with transaction.atomic():
            locked = jobs.select_for_update(skip_locked=True, no_key=True)
            batch = list(locked.order_by("next_run_at", "pk")[:BATCH])
            if not batch:
                return
            yield batch


def _queue(jobs: list[Any], urgency: Urgency, now: datetime) -> int:
    """Queue the jobs' runs and move their slots on. A slot joins a run that is still live."""
    like = Run(kind=jobs[0].kind, trigger=Trigger.SCHEDULE, urgency=urgency, not_before=now)
    queued = insert_runs(like, [Slot(job.tenant_id, job.pk, job.next_run_at) for job in jobs])
    _move_on(jobs, now)
    return queued


def _move_on(jobs: Iterable[Any], now: datetime) -> None:
    """Each job to its first slot after ``now``: most of them by the same distance."""
    of_distance = defaultdict(list)
    for job in jobs:
        interval = timedelta(seconds=job.every_s)
        missed = (now - job.next_run_at) // interval
        of_distance[(missed + 1) * interval].append(job.pk)
    for distance, ids in of_distance.items():
        due = Job.objects.filter(pk__in=ids, next_run_at__lte=now)
        due.update(next_run_at=F("next_run_at") + distance)

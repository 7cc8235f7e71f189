"""Much at once, and some of it bad."""

import time
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from tenants.choices import LIVE_RUN_STATES, RunKind, RunState, TenantState
from tenants.models import Job, Run, Tenant, TenantSummary
from tenants.runs.dispatch import FEWEST_RINGS
from tenants.runs.schedule import job_ensure, job_set_interval
from tests.faults.customer import (
    LISTING,
    Customer,
    fresh,
    items_missing,
    jobs_end,
    unsuccessful,
    wait_for_rest,
)
from tests.faults.fleet import WORKERS, Fleet, wait_until
from tests.faults.row import Seen, row

HOUR_S = 3600
SIX_HOURS = timedelta(hours=6)
DUE = 3000
_QUEUES = ("interactive", "scheduled", "bulk")


@row()
def beat_away_for_six_hours(fleet: Fleet, seen: Seen) -> None:
    """No beat for six hours, with 30 jobs due every hour: one run for each when it is back, and the
    next slots lie where they would have."""
    customers = [Customer(fleet.okta) for _ in range(30)]
    jobs = [job_ensure(tenant=each.tenant, kind=RunKind.SYNC).pk for each in customers]
    for each in customers:
        job_set_interval(tenant=each.tenant, kind=RunKind.SYNC, every_s=HOUR_S)
    wait_until("a plan", lambda: not _jobs(jobs).exclude(every_s=HOUR_S).exists())
    planned = dict(_jobs(jobs).values_list("pk", "next_run_at"))

    fleet.beat.kill()
    _jobs(jobs).update(next_run_at=F("next_run_at") - SIX_HOURS)
    fleet.beat.start()
    wait_until("the first runs", lambda: not _jobs(jobs).filter(next_run_at__lt=Now()).exists())
    took_s = wait_for_rest(customers)
    again = dict(_jobs(jobs).values_list("pk", "next_run_at"))
    made_up_for = {_runs_before(slot, job) for job, slot in planned.items()}
    jobs_end(_jobs(jobs))
    wait_for_rest(customers)  # a slot may have come a moment ago

    seen.exactly("runs of each", made_up_for, {1})
    moved = [(again[pk] - at).total_seconds() % HOUR_S for pk, at in planned.items()]
    seen.exactly("slots elsewhere", sum(each != 0 for each in moved), 0)
    shared = _shared(planned.values()), _shared(again.values())
    seen.exactly("slots that share a second where none was planned to", shared[1] - shared[0], 0)
    seen.within("all done", took_s, 30)
    seen.exactly("not well", unsuccessful(customers), 0)


def _runs_before(slot: datetime, job: uuid.UUID) -> int:
    """Without the run of ``slot`` itself, which may come while a row is played, but not before."""
    own = Run.objects.filter(slot=slot.timestamp(), created_at__gte=slot)
    return Run.objects.filter(job=job).exclude(pk__in=own).count()


def _shared(slots: Collection[datetime]) -> int:
    """Each tenant's second is its own by chance: of 30 in an hour, two may well have the same."""
    return len(slots) - len(set(slots))


@row()
def thousands_due(fleet: Fleet, seen: Seen) -> None:
    """3,000 tenants are due at once: few doorbells are on their way, Redis and workers do not grow,
    no slot has two runs, and what a person asks for meanwhile is done in 5 s."""
    person = Customer(fleet.okta)
    memory, resident = _redis_memory(fleet), _resident(fleet)
    tenants = _due_tenants(DUE)
    runs = Run.objects.filter(tenant__in=tenants)

    wait_until("the first runs", runs.exists)
    asked = person.queue()
    most = most_memory = 0
    until = time.monotonic() + 8
    while time.monotonic() < until:
        most = max(most, sum(int(fleet.redis.client.llen(f"hub:{name}")) for name in _QUEUES))
        most_memory = max(most_memory, _redis_memory(fleet))
        time.sleep(0.02)
    waited_s = _took_s(asked)
    queued, done = runs.count(), runs.exclude(state__in=LIVE_RUN_STATES).count()
    _forget(tenants)

    seen.facts.append(f"{done} done in 8 s")
    seen.exactly("runs", queued, DUE)
    seen.at_most(
        "doorbells waiting",
        most,
        max(FEWEST_RINGS, 2 * WORKERS * settings.CELERY_WORKER_CONCURRENCY),
    )
    seen.at_most("Redis grew by", (most_memory - memory) / 1e6, 4, " MB")
    seen.at_most("workers grew by", round(_resident(fleet) - resident), 60, " MB")
    seen.within("the person's run", waited_s, 5)


def _due_tenants(count: int) -> list[uuid.UUID]:
    """Connected by name alone: each of their runs ends at once, for the want of a credential."""
    tenants = [
        Tenant(name=f"due {number}", contact_email="it@due.example", state=TenantState.CONNECTED)
        for number in range(count)
    ]
    Tenant.objects.bulk_create(tenants)
    TenantSummary.objects.bulk_create(TenantSummary(tenant=tenant) for tenant in tenants)
    due = timezone.now() - timedelta(minutes=1)
    Job.objects.bulk_create(
        Job(tenant=t, kind=RunKind.SYNC, every_s=HOUR_S, own_every_s=HOUR_S, next_run_at=due)
        for t in tenants
    )
    return [tenant.pk for tenant in tenants]


def _forget(tenants: list[uuid.UUID]) -> None:
    jobs_end(Job.objects.filter(tenant__in=tenants))
    Run.objects.filter(tenant__in=tenants, state__in=LIVE_RUN_STATES).update(
        state=RunState.CANCELLED, owner=""
    )
    Tenant.objects.filter(pk__in=tenants).update(state=TenantState.DISCONNECTED)


def _redis_memory(fleet: Fleet) -> int:
    return int(fleet.redis.client.info("memory")["used_memory"])


def _resident(fleet: Fleet) -> float:
    """Megabytes of all workers together."""
    pages = sum(int(_statm(worker.pid).split()[1]) for worker in fleet.workers)
    return pages * 4096 / 1e6


def _statm(pid: int) -> str:
    return Path(f"/proc/{pid}/statm").read_text()


@row(once="postgres")
def bad_tenants_beside(fleet: Fleet, seen: Seen) -> None:
    """One tenant never answers, one has 8,000 items, others send garbage or errors alone: ten good
    ones take less than twice as long as without them."""
    good = [Customer(fleet.okta, pages=3) for _ in range(10)]
    for customer in good:
        customer.do("set", field="delay_s", value=0.4)
    alone_s = _slowest(good)

    faults: list[dict[str, Any]] = [
        {"action": "silence"},
        {"action": "garbage"},
        {"action": "status", "status": 503},
        {"action": "body", "text": '[{"id": 7}]'},
    ]
    bad = [Customer(fleet.okta, pages=1) for _ in faults]
    for customer, fault in zip(bad, faults, strict=True):
        customer.fault(**fault, path=LISTING)
    bad.append(Customer(fleet.okta, apps=8_000))
    for customer in bad:
        customer.queue()
    wait_until("all of them", lambda: all(customer.pages_read() for customer in bad))
    beside_s = _slowest(good)
    huge = fresh(bad[-1].tenant.runs.latest("created_at"))
    Run.objects.filter(tenant__in=[each.tenant for each in bad]).update(
        cancel_asked_at=timezone.now()
    )
    _forget([each.tenant.pk for each in bad])

    seen.facts.append(f"alone {alone_s:.1f} s")
    seen.within("slowest beside them", beside_s, round(2 * alone_s, 1))
    seen.exactly("the huge one under way", huge.is_live, True)
    seen.exactly("items missing or doubled", items_missing(good), 0)
    seen.exactly("not well", unsuccessful(good), 0)


def _slowest(customers: list[Customer]) -> float:
    """Seconds from asking to the end of the slowest sync."""
    runs = [customer.queue() for customer in customers]
    wait_for_rest(customers)
    return max(_took_s(run) for run in runs)


def _took_s(run: Run) -> float:
    """Seconds from asking to its end; nothing comes near to those of one that has not ended."""
    ended = fresh(run).ended_at
    return (ended - run.created_at).total_seconds() if ended else 1e6


def _jobs(ids: list[uuid.UUID]) -> QuerySet[Job]:
    return Job.objects.filter(pk__in=ids)

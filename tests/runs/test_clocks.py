"""One run for each slot, whatever clocks and ticks do."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from tenants.choices import RunKind, RunState, TenantState
from tenants.models import Job, Run, Tenant
from tenants.runs import schedule
from tenants.runs.schedule import job_ensure, next_slot, queue_due_jobs
from tests.runs.conftest import Script

NOON = datetime(2026, 3, 28, 12, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

SetClock = Callable[[datetime], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Set the clock that the schedule goes by."""

    def _set(now: datetime) -> None:
        monkeypatch.setattr(schedule, "_now", lambda: now)

    return _set


@pytest.fixture
def job(working: Tenant, script: Script, set_clock: SetClock) -> Job:
    """An hourly job, planned at noon."""
    set_clock(NOON)
    job = job_ensure(tenant=working, kind=RunKind.SYNC)
    due = next_slot(job.tenant_id, job.kind, 3600, NOON)
    Job.objects.filter(pk=job.pk).update(next_run_at=due)
    job.refresh_from_db()
    return job


def _slots() -> list[int]:
    return list(Run.objects.order_by("slot").values_list("slot", flat=True))


def _tick_through(start: datetime, end: datetime, set_clock: SetClock) -> None:
    """A tick each ten minutes, and workers that are quick."""
    while start <= end:
        set_clock(start)
        queue_due_jobs()
        Run.objects.update(state=RunState.SUCCEEDED)
        start += timedelta(minutes=10)


@pytest.mark.django_db
def test_a_clock_set_back_by_hours_doubles_no_slot_and_starves_nobody(
    job: Job, set_clock: SetClock
) -> None:
    _tick_through(NOON, NOON + 5 * HOUR, set_clock)
    before = len(_slots())

    _tick_through(NOON + 2 * HOUR, NOON + 8 * HOUR, set_clock)

    assert before == 5
    assert len(_slots()) == len(set(_slots())) == 8
    assert max(_slots()) - min(_slots()) == 7 * 3600


@pytest.mark.django_db
def test_a_clock_that_was_a_year_ahead_costs_one_interval(job: Job, set_clock: SetClock) -> None:
    set_clock(NOON + timedelta(days=365))
    queue_due_jobs()
    Run.objects.update(state=RunState.SUCCEEDED)
    set_clock(NOON)
    queue_due_jobs()

    job.refresh_from_db()
    assert job.next_run_at <= NOON + HOUR
    _tick_through(NOON, NOON + 3 * HOUR, set_clock)
    assert len(_slots()) == 3  # the first of them ran already, a year too late


@pytest.mark.django_db
def test_a_clock_that_jumps_ahead_makes_up_for_one_slot(job: Job, set_clock: SetClock) -> None:
    set_clock(NOON + 100 * HOUR)

    assert queue_due_jobs() == 1
    assert queue_due_jobs() == 0


@pytest.mark.parametrize(
    "midnight",
    [datetime(2026, 3, 29), datetime(2026, 10, 25)],
    ids=["an hour is missing", "an hour comes twice"],
)
def test_summer_time_changes_no_slot(midnight: datetime) -> None:
    zone = ZoneInfo("Europe/Berlin")
    start, end = (at.replace(tzinfo=zone) for at in (midnight, midnight + timedelta(days=1)))
    hours = round((end.astimezone(UTC) - start.astimezone(UTC)) / HOUR)
    tenant_id, now, slots = uuid.uuid4(), start, []

    while (now := next_slot(tenant_id, "sync", 3600, now)) <= end:
        slots.append(now)

    assert len(slots) == hours
    assert {later - slot for slot, later in pairwise(slots)} == {HOUR}


@pytest.mark.django_db(transaction=True)
def test_of_five_ticks_at_once_each_slot_gets_one_run() -> None:
    tenants = [Tenant(name=f"{number}", state=TenantState.CONNECTED) for number in range(700)]
    Tenant.objects.bulk_create(tenants)
    due = datetime.now(UTC) - timedelta(minutes=1)
    Job.objects.bulk_create(
        Job(tenant=tenant, kind=kind, every_s=every_s, next_run_at=due)
        for tenant in tenants
        for kind, every_s in ((RunKind.SYNC, 3600), (RunKind.AUDIT, 86_400))
    )
    together = Barrier(5)

    def tick(_: int) -> int:
        together.wait()
        try:
            return queue_due_jobs()
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as ticks:
        queued = sum(ticks.map(tick, range(5)))

    assert queued == 1400
    assert Run.objects.count() == 1400
    assert Run.objects.values("job", "slot").distinct().count() == 1400
    next_of = dict.fromkeys(Job.objects.values_list("kind", "next_run_at"))
    assert set(next_of) == {("sync", due + HOUR), ("audit", due + 24 * HOUR)}

"""Standing jobs come round by themselves: once a slot, each tenant at its own second."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from tenants import tasks
from tenants.choices import RunKind, RunState, TenantState, Trigger
from tenants.connections.control import job_pause, job_resume
from tenants.models import Job, Run, Tenant, TenantSummary, User
from tenants.runs.fleet import fleet_pause, fleet_resume
from tenants.runs.leases import claim
from tenants.runs.queue import run_queue
from tenants.runs.schedule import (
    job_ensure,
    job_set_interval,
    next_slot,
    offset_s,
    queue_due_jobs,
)
from tests.runs.conftest import Script

NOON = datetime(2026, 3, 29, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def job(working: Tenant, script: Script) -> Job:
    return job_ensure(tenant=working, kind=RunKind.SYNC)


@pytest.fixture
def due(job: Job) -> Job:
    Job.objects.filter(pk=job.pk).update(next_run_at=timezone.now() - timedelta(seconds=1))
    job.refresh_from_db()
    return job


def test_slots_follow_each_other_at_the_interval() -> None:
    tenant_id = uuid.uuid4()
    first = next_slot(tenant_id, "sync", 3600, NOON)

    second = next_slot(tenant_id, "sync", 3600, first)

    assert NOON < first <= NOON + timedelta(hours=1)
    assert second - first == timedelta(hours=1)


def test_tenants_are_spread_over_the_interval() -> None:
    offsets = {offset_s(uuid.uuid4(), "sync", 3600) for _ in range(200)}

    assert len(offsets) > 150


def test_missed_slots_become_one() -> None:
    tenant_id = uuid.uuid4()

    after_a_week_down = next_slot(tenant_id, "sync", 3600, NOON + timedelta(days=7))

    assert after_a_week_down > NOON + timedelta(days=7)


@pytest.mark.django_db
def test_a_due_job_queues_one_run_and_moves_on(due: Job) -> None:
    assert queue_due_jobs() == 1
    assert queue_due_jobs() == 0

    run = Run.objects.get()
    slot = due.next_run_at
    due.refresh_from_db()
    assert (run.trigger, run.job, run.slot) == (Trigger.SCHEDULE, due, int(slot.timestamp()))
    assert due.next_run_at > timezone.now()


@pytest.mark.django_db
def test_a_slots_run_is_in_every_column_what_asking_for_it_would_have_made(due: Job) -> None:
    queue_due_jobs()
    by_slot = Run.objects.values().get()
    Run.objects.all().delete()
    run_queue(tenant=due.tenant, kind=RunKind.SYNC, trigger=Trigger.SCHEDULE)
    asked_for = Run.objects.values().get()

    differ = {name for name, value in by_slot.items() if value != asked_for[name]}
    assert differ == {"id", "job_id", "slot", "not_before", "created_at"}


@pytest.mark.django_db
def test_what_else_a_tick_does_may_fail_and_the_schedule_goes_on(
    due: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise LookupError

    monkeypatch.setattr(tasks, "upkeep", fail)

    with pytest.raises(LookupError):
        tasks.tick()

    assert Run.objects.get().job == due


@pytest.mark.django_db
def test_two_ticks_with_the_same_view_queue_one_run(due: Job) -> None:
    slot = due.next_run_at
    queue_due_jobs()
    Run.objects.update(state=RunState.SUCCEEDED)
    Job.objects.filter(pk=due.pk).update(next_run_at=slot)  # as a stale tick saw it

    queue_due_jobs()

    assert Run.objects.count() == 1


@pytest.mark.django_db
def test_a_slot_joins_a_run_that_is_still_live(due: Job, queued: Run) -> None:
    assert queue_due_jobs() == 0
    assert Run.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("state", [TenantState.PAUSED, TenantState.ATTENTION, TenantState.INVITED])
def test_the_schedule_rests_unless_the_tenant_is_connected(due: Job, state: TenantState) -> None:
    Tenant.objects.update(state=state)

    assert queue_due_jobs() == 0
    assert not Run.objects.exists()


@pytest.mark.django_db
def test_a_paused_job_rests_from_the_next_tick_and_then_makes_up_for_one_slot(
    due: Job, operator: User
) -> None:
    job_pause(tenant=due.tenant, kind=RunKind.SYNC, actor=operator)
    while_paused = queue_due_jobs()
    Job.objects.update(next_run_at=timezone.now() - timedelta(hours=30))
    job_resume(tenant=due.tenant, kind=RunKind.SYNC, actor=operator)

    assert while_paused == 0
    assert queue_due_jobs() == 1
    assert queue_due_jobs() == 0


@pytest.mark.django_db
def test_a_paused_fleet_rests_from_the_next_tick(due: Job, queued: Run, operator: User) -> None:
    fleet_pause(actor=operator, reason="moving")
    Run.objects.update(kind=RunKind.AUDIT)  # of the slot's kind there is none

    assert queue_due_jobs() == 0
    assert claim(queued.pk) is None
    fleet_resume(actor=operator)
    assert queue_due_jobs() == 1
    assert claim(queued.pk) is not None


@pytest.mark.django_db
def test_a_proof_that_a_customer_waits_for_goes_on_while_the_fleet_is_paused(
    queued: Run, operator: User
) -> None:
    fleet_pause(actor=operator, reason="moving")
    Run.objects.update(kind=RunKind.VERIFY)

    assert claim(queued.pk) is not None


@pytest.mark.django_db
@pytest.mark.parametrize("every_s", [600, 86_400], ids=["shorter", "longer"])
def test_a_new_interval_of_the_installation_holds_from_the_next_tick(
    job: Job, settings: Any, every_s: int
) -> None:
    TenantSummary.objects.refresh(job.tenant)
    settings.SYNC_EVERY_S = every_s

    queued = queue_due_jobs()

    job.refresh_from_db()
    assert queued == 0
    assert job.every_s == every_s
    assert job.next_run_at == next_slot(job.tenant_id, "sync", every_s, timezone.now())
    assert TenantSummary.objects.get().next_run_at == job.next_run_at


@pytest.mark.django_db
def test_a_new_interval_makes_no_tenant_look_stale(job: Job, settings: Any) -> None:
    synced_at = timezone.now() - timedelta(hours=3)
    TenantSummary.objects.update_or_create(
        tenant=job.tenant, defaults={"synced_at": synced_at, "stale_at": synced_at}
    )
    settings.SYNC_EVERY_S = 86_400

    queue_due_jobs()

    assert TenantSummary.objects.get().stale_at == synced_at + timedelta(days=2)


@pytest.mark.django_db
def test_a_tenants_own_interval_holds_whatever_the_installations_is(
    job: Job, settings: Any
) -> None:
    job_set_interval(tenant=job.tenant, kind=RunKind.SYNC, every_s=900)
    queue_due_jobs()
    settings.SYNC_EVERY_S = 7200

    queue_due_jobs()

    job.refresh_from_db()
    assert job.every_s == 900
    assert job.next_run_at <= timezone.now() + timedelta(seconds=900)


@pytest.mark.django_db
def test_without_its_own_interval_a_job_follows_the_installation_again(job: Job) -> None:
    job_set_interval(tenant=job.tenant, kind=RunKind.SYNC, every_s=900)
    queue_due_jobs()
    job_set_interval(tenant=job.tenant, kind=RunKind.SYNC, every_s=None)

    queue_due_jobs()

    job.refresh_from_db()
    assert job.every_s == 3600


@pytest.mark.django_db
def test_a_new_proof_leaves_a_paused_job_and_its_interval_as_they_are(job: Job) -> None:
    Job.objects.update(enabled=False, own_every_s=900)

    again = job_ensure(tenant=job.tenant, kind=RunKind.SYNC)

    assert (again.pk, again.enabled, again.own_every_s) == (job.pk, False, 900)


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["every_s", "own_every_s"])
def test_no_interval_of_nothing_gets_into_the_database(job: Job, field: str) -> None:
    with pytest.raises(IntegrityError):
        Job.objects.update(**{field: 0})


@pytest.mark.django_db
def test_a_tenant_in_trouble_is_tried_again_once_a_day(due: Job) -> None:
    Tenant.objects.update(state=TenantState.ATTENTION)
    Job.objects.update(next_run_at=timezone.now() - timedelta(hours=25, minutes=1))

    assert queue_due_jobs() == 1
    Run.objects.update(state=RunState.FAILED)
    assert queue_due_jobs() == 0

    due.refresh_from_db()
    assert due.next_run_at > timezone.now()


@pytest.mark.django_db
def test_only_a_sync_can_tell_that_a_tenant_is_well_again(due: Job) -> None:
    Tenant.objects.update(state=TenantState.ATTENTION)
    Job.objects.update(kind=RunKind.AUDIT, next_run_at=timezone.now() - timedelta(days=9))

    assert queue_due_jobs() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("state", [TenantState.PAUSED, TenantState.DISCONNECTED])
def test_who_was_stopped_on_purpose_is_not_tried_again(due: Job, state: TenantState) -> None:
    Tenant.objects.update(state=state)
    Job.objects.update(next_run_at=timezone.now() - timedelta(days=9))

    assert queue_due_jobs() == 0

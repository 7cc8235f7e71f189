"""Standing jobs come round by themselves: once a slot, each tenant at its own second."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tenants.choices import RunKind, RunState, TenantState, Trigger
from tenants.models import Job, Run, Tenant
from tenants.runs.schedule import job_ensure, next_slot, offset_s, queue_due_jobs
from tests.runs.conftest import Script

NOON = datetime(2026, 3, 29, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def due(working: Tenant, script: Script) -> Job:
    job = job_ensure(tenant=working, kind=RunKind.SYNC, every_s=3600)
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
def test_a_disabled_job_rests(due: Job) -> None:
    Job.objects.update(enabled=False)

    assert queue_due_jobs() == 0


@pytest.mark.django_db
def test_a_tenant_in_trouble_is_tried_again_once_a_day(due: Job) -> None:
    Tenant.objects.update(state=TenantState.ATTENTION)
    Job.objects.update(next_run_at=timezone.now() - timedelta(hours=25))

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

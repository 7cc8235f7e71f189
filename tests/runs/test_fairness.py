"""Whose turn it is: people first, tenants in turns, and none beyond its share."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tenants.choices import RunKind, RunState, TenantState, Trigger, Urgency
from tenants.models import Run, Tenant, User
from tenants.runs import dispatch, doorbell, engine
from tenants.runs.leases import claim
from tenants.runs.queue import run_queue, runs_retry
from tests.runs.conftest import Script, fresh

pytestmark = pytest.mark.django_db(transaction=True)

Wait = Callable[..., Run]


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of tenants and targets, in the order in which their doorbells were sent."""
    sent: list[str] = []

    def note(run_id: Any, urgency: Urgency) -> None:
        run = Run.objects.select_related("tenant").get(pk=run_id)
        sent.append(run.tenant.name + run.target)

    monkeypatch.setattr(doorbell, "_send", note)
    return sent


@pytest.fixture
def wait(db: None) -> Iterator[Wait]:
    """Let a run of the named tenant wait; each was due a second after the one before."""
    since = timezone.now() - timedelta(seconds=600)

    def _wait(name: str, target: str = "", **fields: Any) -> Run:
        nonlocal since
        since += timedelta(seconds=1)
        given: dict[str, Any] = {"kind": RunKind.SYNC, "trigger": Trigger.SCHEDULE}
        tenant, _ = Tenant.objects.get_or_create(name=name, state=TenantState.CONNECTED)
        given |= {"target": target, "not_before": since} | fields
        run: Run = Run.objects.create(tenant=tenant, **given)
        return run

    return _wait


def test_people_come_before_the_schedule_and_the_schedule_before_bulk(
    wait: Wait, rings: list[str]
) -> None:
    wait("bulk", urgency=Urgency.BULK)
    wait("scheduled")
    wait("person", urgency=Urgency.INTERACTIVE)

    dispatch.ring_due_runs()

    assert rings == ["person", "scheduled", "bulk"]


def test_bulk_that_waited_long_comes_between_the_scheduled_ones(
    wait: Wait, rings: list[str]
) -> None:
    long_due = timezone.now() - dispatch.BULK_PATIENCE - timedelta(seconds=1)
    wait("scheduled")
    wait("bulk", urgency=Urgency.BULK, not_before=long_due)

    dispatch.ring_due_runs()

    assert rings == ["bulk", "scheduled"]


def test_tenants_take_turns(wait: Wait, rings: list[str]) -> None:
    for number in range(3):
        wait("A", f"-{number}")
    wait("B", "-0")
    wait("C", "-0")
    wait("B", "-1")

    dispatch.ring_due_runs()

    assert rings == ["A-0", "B-0", "C-0", "A-1", "B-1"]


def test_a_tenant_with_a_run_in_work_comes_after_those_without(
    wait: Wait, rings: list[str]
) -> None:
    claim(wait("A", "-0").pk)
    wait("A", "-1")
    wait("B")

    dispatch.ring_due_runs()

    assert rings == ["B", "A-1"]


def test_a_tenant_has_its_share_in_work_and_no_more(
    wait: Wait, rings: list[str], settings: Any
) -> None:
    settings.TENANT_RUNS_AT_ONCE = 3
    claim(wait("A", "-0").pk)
    for number in range(1, 9):
        wait("A", f"-{number}")

    dispatch.ring_due_runs()
    dispatch.ring_due_runs()

    assert rings == ["A-1", "A-2"]


def test_a_person_does_not_wait_for_the_tenants_own_bulk(wait: Wait, rings: list[str]) -> None:
    for number in range(4):
        claim(wait("A", f"-{number}", urgency=Urgency.BULK).pk)
    person = wait("A", "-person", urgency=Urgency.INTERACTIVE)

    dispatch.ring_due_runs()

    assert rings == ["A-person"]
    assert claim(person.pk) is not None


def test_of_many_claims_at_once_a_tenant_gets_its_share(wait: Wait) -> None:
    runs = [wait("A", f"-{number}") for number in range(6)]

    def try_to_claim(run: Run) -> bool:
        try:
            return claim(run.pk) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as workers:
        taken = list(workers.map(try_to_claim, runs))

    assert taken.count(True) == 2
    assert Run.objects.filter(state=RunState.RUNNING).count() == 2


def test_a_run_whose_worker_died_takes_no_place(wait: Wait) -> None:
    dead = [wait("A", f"-{number}") for number in range(2)]
    for run in dead:
        claim(run.pk)
    Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert claim(wait("A", "-2").pk) is not None
    assert claim(dead[0].pk) is not None
    assert claim(dead[1].pk) is None


def test_few_doorbells_are_on_their_way(wait: Wait, rings: list[str]) -> None:
    for number in range(50):
        wait(f"{number:02}")

    dispatch.ring_due_runs()
    first = len(rings)
    dispatch.ring_due_runs()

    assert (first, len(rings)) == (dispatch.FEWEST_RINGS, dispatch.FEWEST_RINGS)


def test_when_half_of_them_are_answered_as_many_follow(wait: Wait, rings: list[str]) -> None:
    for number in range(50):
        wait(f"{number:02}")
    dispatch.ring_due_runs()
    for name in rings[: dispatch.FEWEST_RINGS // 2]:
        claim(Run.objects.get(tenant__name=name).pk)

    dispatch.ring_due_runs()

    assert rings == [f"{number:02}" for number in range(dispatch.FEWEST_RINGS * 3 // 2)]


def test_the_more_is_in_work_the_more_doorbells_wait(wait: Wait, rings: list[str]) -> None:
    for number in range(20):
        claim(wait(f"busy {number}").pk)
    for number in range(60):
        wait(f"{number:02}")

    dispatch.ring_due_runs()

    assert len(rings) == 40


def test_doorbells_for_people_wait_for_no_others(wait: Wait, rings: list[str]) -> None:
    for number in range(500):
        wait(f"{number:03}")
    dispatch.ring_due_runs()
    wait("person", urgency=Urgency.INTERACTIVE)

    dispatch.ring_due_runs()

    assert rings[dispatch.FEWEST_RINGS :] == ["person"]


def test_a_slice_put_back_goes_behind_those_that_wait(
    wait: Wait, rings: list[str], script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SLICE_STEPS", 1)
    huge = wait("huge")
    wait("B")
    wait("C")

    engine.work(huge.pk)
    dispatch.ring_due_runs()

    assert rings == ["B", "C", "huge"]


def test_who_is_served_at_once_is_so_for_one_slice(
    wait: Wait, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SLICE_STEPS", 1)
    person = wait("A", urgency=Urgency.INTERACTIVE)

    engine.work(person.pk)

    assert fresh(person).urgency == Urgency.SCHEDULED


@pytest.mark.parametrize(
    ("trigger", "urgency"),
    [
        (Trigger.OPERATOR, Urgency.INTERACTIVE),
        (Trigger.CONNECT, Urgency.INTERACTIVE),
        (Trigger.RETRY, Urgency.INTERACTIVE),
        (Trigger.SCHEDULE, Urgency.SCHEDULED),
        (Trigger.FOLLOW_UP, Urgency.SCHEDULED),
    ],
)
def test_urgency_follows_from_who_asks(working: Tenant, trigger: Trigger, urgency: Urgency) -> None:
    run = run_queue(tenant=working, kind=RunKind.SYNC, trigger=trigger)

    assert run.urgency == urgency


def test_many_retries_at_once_are_bulk(queued: Run, operator: User) -> None:
    Run.objects.update(state=RunState.FAILED)

    runs_retry(runs=[fresh(queued)], actor=operator)

    assert Run.objects.get(state=RunState.QUEUED).urgency == Urgency.BULK

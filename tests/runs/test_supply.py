"""After a slice nobody looks for work while enough of it is on its way to the workers."""

import pytest

from tenants.choices import RunKind, TenantState, Trigger, Urgency
from tenants.models import Run, Tenant
from tenants.runs import at_work, dispatch, doorbell, supply
from tenants.runs.leases import claim
from tenants.runs.supply import Supply


@pytest.fixture
def fresh_supply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_supply", Supply())
    monkeypatch.setattr(doorbell, "_send", lambda run_id, urgency: None)


def test_each_slice_uses_up_one_of_what_is_left() -> None:
    left = Supply()
    left.holds(2)

    assert [left.lasts() for _ in range(4)] == [True, True, False, False]


def test_it_is_used_up_before_anything_is_known() -> None:
    assert not Supply().lasts()


def test_it_lasts_for_a_moment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supply, "LASTS_S", 0.0)
    left = Supply()
    left.holds(1000)

    assert not left.lasts()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh_supply")
def test_one_that_does_all_the_work_rings_again_when_half_is_taken() -> None:
    _ring_amid_work(slices=1)

    rung = [dispatch.ring_after_slice() for _ in range(dispatch.FEWEST_RINGS // 2)]
    for run in Run.objects.filter(doorbell.is_rung())[: dispatch.FEWEST_RINGS // 2]:
        doorbell.forget(run.pk)
    rung.append(dispatch.ring_after_slice())

    assert rung == [0] * (dispatch.FEWEST_RINGS // 2) + [dispatch.FEWEST_RINGS // 2]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh_supply")
def test_one_of_four_workers_looks_again_after_a_quarter_of_that() -> None:
    _ring_amid_work(slices=4)
    Run.objects.update(rung_at=None)

    rung = [dispatch.ring_after_slice() for _ in range(dispatch.FEWEST_RINGS // 8 + 1)]

    assert rung[:-1] == [0] * (dispatch.FEWEST_RINGS // 8)
    assert rung[-1] > 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh_supply")
def test_what_people_wait_for_is_rung_for_after_every_slice() -> None:
    waiting = _ring_amid_work(slices=1)
    Run.objects.filter(pk=waiting[-1].pk).update(urgency=Urgency.INTERACTIVE)

    assert dispatch.ring_after_slice() == 1
    assert Run.objects.get(pk=waiting[-1].pk).rung_at


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh_supply")
def test_who_is_busy_with_other_things_has_no_larger_share() -> None:
    _wait(dispatch.FEWEST_RINGS * 2)
    with at_work.slot_taken():  # but no run is in work
        dispatch.ring_due_runs()
    Run.objects.update(rung_at=None)

    assert dispatch.ring_after_slice() == dispatch.FEWEST_RINGS


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh_supply")
def test_where_little_waits_every_slice_looks() -> None:
    _wait(2)
    with at_work.slot_taken():
        dispatch.ring_due_runs()
    Run.objects.update(rung_at=None)

    assert dispatch.ring_after_slice() == 2


def _ring_amid_work(*, slices: int) -> list[Run]:
    """Many runs wait, so many of them are in work, one by us, and the next are rung for."""
    waiting = _wait(dispatch.FEWEST_RINGS * 2)
    for run in waiting[:slices]:
        claim(run.pk)
    with at_work.slot_taken():
        dispatch.ring_due_runs()
    return waiting


def _wait(count: int) -> list[Run]:
    tenants = [
        Tenant.objects.create(name=f"{number}", state=TenantState.CONNECTED)
        for number in range(count)
    ]
    return [
        Run.objects.create(tenant=tenant, kind=RunKind.SYNC, trigger=Trigger.SCHEDULE)
        for tenant in tenants
    ]

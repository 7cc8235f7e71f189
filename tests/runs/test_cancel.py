"""Cancelling a run, whoever holds it and whatever it waits for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants.choices import RunState, TenantState
from tenants.models import AuditEvent, Run, RunEvent, Tenant, User, Worker
from tenants.okta.errors import OktaUnavailable
from tenants.runs import dispatch, endings, engine, owners, workers
from tenants.runs.leases import LeaseLost, claim
from tenants.runs.queue import run_cancel
from tenants.runs.workers import Liveness, SignOfLife
from tests.runs.conftest import Script, fresh

pytestmark = pytest.mark.django_db(transaction=True)


def _let_lease_run_out(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_run_whose_worker_died_is_cancelled_at_once(
    queued: Run, working: Tenant, operator: User
) -> None:
    lease = claim(queued.pk)
    _let_lease_run_out(queued)
    Tenant.objects.filter(pk=working.pk).update(state=TenantState.PAUSED)

    run_cancel(run=queued, actor=operator)

    assert fresh(queued).state == RunState.CANCELLED
    assert lease is not None
    with pytest.raises(LeaseLost):
        lease.update(activity="written by a ghost")


def test_a_run_that_goes_to_wait_after_it_was_cancelled_comes_back_at_once(
    queued: Run, script: Script, operator: User
) -> None:
    def cancel_and_fail(number: int) -> None:
        run_cancel(run=fresh(queued), actor=operator)
        raise OktaUnavailable("no route")

    script.before = cancel_and_fail

    engine.work(queued.pk)

    assert fresh(queued).not_before <= timezone.now()


def test_a_cancelled_run_asks_okta_nothing_more(
    queued: Run, script: Script, operator: User
) -> None:
    Run.objects.filter(pk=queued.pk).update(cancel_asked_at=timezone.now())
    asked: list[int] = []
    script.before = asked.append

    engine.work(queued.pk)

    assert fresh(queued).state == RunState.CANCELLED
    assert asked == []


def test_a_run_given_back_while_it_is_cancelled_is_still_cancelled(
    queued: Run, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a worker does it between our look at the run and our asking it to stop."""
    claim(queued.pk)

    def give_back(*_: object) -> bool:
        Run.objects.filter(pk=queued.pk).update(state=RunState.QUEUED, lease_until=None)
        return False

    monkeypatch.setattr("tenants.runs.queue.close_abandoned", give_back)
    run_cancel(run=queued, actor=operator)

    engine.work(queued.pk)

    assert fresh(queued).state == RunState.CANCELLED


def test_a_held_run_is_not_closed_under_its_worker(queued: Run) -> None:
    claim(queued.pk)

    assert not endings.close_unheld(queued, RunState.CANCELLED, "cancelled", "")
    assert fresh(queued).state == RunState.RUNNING
    assert not RunEvent.objects.filter(run=queued).exists()


def _silent() -> None:
    Worker.objects.update(seen_at=timezone.now() - 2 * workers.ALIVE_FOR)


def _told(run: Run) -> str:
    return RunEvent.objects.filter(run=run).latest("id").text


def test_a_worker_that_is_at_work_is_asked_to_stop_and_the_log_says_so(
    queued: Run, operator: User
) -> None:
    SignOfLife(slots=1).give(redis_is_away=False)
    claim(queued.pk)

    worker = run_cancel(run=queued, actor=operator)

    assert worker is Liveness.AT_WORK
    assert fresh(queued).state == RunState.RUNNING
    assert "Its worker is at work" in _told(queued)
    assert AuditEvent.objects.get(action="run.cancelled").detail["worker"] == "at work"


def test_a_worker_that_went_silent_loses_the_run_at_once(queued: Run, operator: User) -> None:
    SignOfLife(slots=1).give(redis_is_away=False)
    lease = claim(queued.pk)
    _silent()

    worker = run_cancel(run=queued, actor=operator)

    assert worker is Liveness.GONE
    assert fresh(queued).state == RunState.CANCELLED
    assert "Its worker was gone." in _told(queued)
    assert lease is not None
    with pytest.raises(LeaseLost):
        lease.renew(activity="written by a ghost")


def test_a_worker_of_this_machine_that_was_killed_loses_the_run_at_once(
    queued: Run, operator: User
) -> None:
    claim(queued.pk)
    dead = f"{owners.this_place()}:999999999:1:serial"
    Run.objects.filter(pk=queued.pk).update(owner=dead)

    assert run_cancel(run=queued, actor=operator) is Liveness.GONE
    assert fresh(queued).state == RunState.CANCELLED


def test_a_worker_nobody_knows_of_is_waited_for_until_its_lease_is_over(
    queued: Run, operator: User
) -> None:
    claim(queued.pk)

    worker = run_cancel(run=queued, actor=operator)
    dispatch.tick()
    before = fresh(queued).state
    _let_lease_run_out(queued)
    dispatch.tick()

    assert worker is Liveness.UNKNOWN
    assert before == RunState.RUNNING
    assert fresh(queued).state == RunState.CANCELLED


def test_a_worker_that_dies_after_it_was_asked_leaves_no_run_that_hangs(
    queued: Run, working: Tenant, operator: User
) -> None:
    SignOfLife(slots=1).give(redis_is_away=False)
    claim(queued.pk)
    run_cancel(run=queued, actor=operator)
    Tenant.objects.filter(pk=working.pk).update(state=TenantState.PAUSED)  # nobody takes it up
    _silent()

    dispatch.tick()

    assert fresh(queued).state == RunState.CANCELLED
    assert _told(queued) == "Cancelled: Stopped as was asked. Its worker was gone."


def test_a_run_that_was_given_back_to_a_paused_tenant_is_cancelled_by_the_tick(
    queued: Run, working: Tenant, operator: User
) -> None:
    SignOfLife(slots=1).give(redis_is_away=False)
    claim(queued.pk)
    run_cancel(run=queued, actor=operator)
    Run.objects.filter(pk=queued.pk).update(state=RunState.QUEUED, owner="", lease_until=None)
    Tenant.objects.filter(pk=working.pk).update(state=TenantState.PAUSED)

    dispatch.tick()

    assert fresh(queued).state == RunState.CANCELLED


def test_the_tick_leaves_alone_whose_worker_is_at_work(queued: Run, operator: User) -> None:
    SignOfLife(slots=1).give(redis_is_away=False)
    claim(queued.pk)
    run_cancel(run=queued, actor=operator)

    dispatch.tick()

    assert fresh(queued).state == RunState.RUNNING


def test_a_run_that_waits_is_cancelled_with_nobody_at_work(queued: Run, operator: User) -> None:
    assert run_cancel(run=queued, actor=operator) is None
    assert AuditEvent.objects.get(action="run.cancelled").detail["worker"] == "none"

"""Cancelling a run, whoever holds it and whatever it waits for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants.choices import RunState, TenantState
from tenants.models import Run, RunEvent, Tenant, User
from tenants.okta.errors import OktaUnavailable
from tenants.runs import endings, engine
from tenants.runs.leases import LeaseLost, claim
from tenants.runs.queue import run_cancel
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

    monkeypatch.setattr("tenants.runs.queue.close_unheld", give_back)
    run_cancel(run=queued, actor=operator)

    engine.work(queued.pk)

    assert fresh(queued).state == RunState.CANCELLED


def test_a_held_run_is_not_closed_under_its_worker(queued: Run) -> None:
    claim(queued.pk)

    assert not endings.close_unheld(queued, RunState.CANCELLED, "cancelled", "")
    assert fresh(queued).state == RunState.RUNNING
    assert not RunEvent.objects.filter(run=queued).exists()

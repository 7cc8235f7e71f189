"""Asking for a run, asking again, and taking it back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants.choices import RunKind, RunState, Trigger
from tenants.errors import NothingToRetry, RunAlreadyEnded, RunAlreadyLive, RunStillLive
from tenants.models import AuditEvent, Run, Tenant, User
from tenants.runs import engine
from tenants.runs.leases import claimable
from tenants.runs.queue import run_cancel, run_queue, run_retry
from tests.runs.conftest import Script, fresh

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_tenant_has_one_live_run_of_a_kind(queued: Run, working: Tenant) -> None:
    with pytest.raises(RunAlreadyLive):
        run_queue(tenant=working, kind=RunKind.SYNC, trigger=Trigger.OPERATOR)

    assert Run.objects.count() == 1


def test_a_run_is_due_at_once_though_our_clock_is_ahead_of_the_databases(
    working: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = timezone.now() + timedelta(seconds=60)
    monkeypatch.setattr(timezone, "now", lambda: ahead)

    run = run_queue(tenant=working, kind=RunKind.AUDIT, trigger=Trigger.OPERATOR)

    assert run in claimable()
    assert run.not_before < ahead


def test_a_failed_run_can_be_asked_for_again(queued: Run, script: Script, operator: User) -> None:
    Run.objects.filter(pk=queued.pk).update(state=RunState.FAILED, params={"a": 1})

    again = run_retry(run=fresh(queued), actor=operator)

    assert (again.trigger, again.params, again.asked_by) == (Trigger.RETRY, {"a": 1}, operator)
    assert AuditEvent.objects.filter(action="run.retried", actor=operator).exists()


def test_a_live_run_cannot_be_retried(queued: Run, operator: User) -> None:
    with pytest.raises(RunStillLive):
        run_retry(run=queued, actor=operator)


def test_a_verification_cannot_be_retried_without_its_secret(
    working: Tenant, operator: User
) -> None:
    verify = Run.objects.create(
        tenant=working, kind=RunKind.VERIFY, trigger=Trigger.CONNECT, state=RunState.FAILED
    )

    with pytest.raises(NothingToRetry):
        run_retry(run=verify, actor=operator)


def test_a_queued_run_is_cancelled_at_once(queued: Run, script: Script, operator: User) -> None:
    run_cancel(run=queued, actor=operator)

    assert fresh(queued).state == RunState.CANCELLED
    assert script.refusals == ["cancelled"]
    assert engine.work(queued.pk) is False


def test_an_ended_run_cannot_be_cancelled(queued: Run, operator: User) -> None:
    engine.work(queued.pk)

    with pytest.raises(RunAlreadyEnded):
        run_cancel(run=fresh(queued), actor=operator)

    assert fresh(queued).state == RunState.SUCCEEDED
    assert not AuditEvent.objects.filter(action="run.cancelled").exists()

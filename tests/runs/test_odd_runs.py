"""Runs that this version cannot work, or not end as it should: they end all the same."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from tenants.choices import RunKind, RunState, TenantState, Trigger
from tenants.errors import KindUnknown
from tenants.models import Run, RunEvent, Tenant, User
from tenants.okta.errors import OktaAuthError
from tenants.runs import dispatch, doorbell, engine
from tenants.runs.queue import run_cancel, run_queue, run_retry, runs_retry
from tests.runs.conftest import Script, fresh

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stranger(queued: Run) -> Run:
    """Of a kind that a later version queued, before its deploy was taken back."""
    Run.objects.filter(pk=queued.pk).update(kind="purple")
    return fresh(queued)


def test_a_run_of_an_unknown_kind_waits_for_a_worker_that_knows_it(stranger: Run) -> None:
    engine.work(stranger.pk)
    dispatch.tick()

    assert fresh(stranger).state == RunState.QUEUED
    assert fresh(stranger).fence == 0


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING])
def test_a_run_of_an_unknown_kind_ends_errored_if_none_comes(
    state: RunState, stranger: Run
) -> None:
    long_ago = timezone.now() - timedelta(hours=1, minutes=1)
    Run.objects.update(not_before=long_ago, state=state, lease_until=long_ago)

    dispatch.tick()

    after = fresh(stranger)
    assert (after.state, after.error_code) == (RunState.ERRORED, "unknown_kind")


def test_a_run_of_an_unknown_kind_harms_no_other(stranger: Run, working: Tenant) -> None:
    other = Run.objects.create(tenant=working, kind=RunKind.SYNC, trigger=Trigger.SCHEDULE)

    dispatch.tick()
    engine.work(stranger.pk)
    engine.work(other.pk)

    assert fresh(other).state == RunState.SUCCEEDED


def test_runs_of_an_unknown_kind_take_no_turns_from_others(
    working: Tenant, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[object] = []
    monkeypatch.setattr(doorbell, "_send", lambda run_id, urgency: rung.append(run_id))
    due = timezone.now() - timedelta(minutes=1)
    for number in range(dispatch.FEWEST_RINGS):
        tenant = Tenant.objects.create(name=f"Tenant {number}", state=TenantState.CONNECTED)
        Run.objects.create(tenant=tenant, kind="purple", trigger=Trigger.SCHEDULE, not_before=due)
    known = run_queue(tenant=working, kind=RunKind.SYNC, trigger=Trigger.SCHEDULE)

    dispatch.ring_due_runs()

    assert rung == [known.pk]


def test_a_run_of_an_unknown_kind_can_be_cancelled(stranger: Run, operator: User) -> None:
    run_cancel(run=stranger, actor=operator)

    assert fresh(stranger).state == RunState.CANCELLED


def test_a_run_of_an_unknown_kind_is_not_asked_for_again(stranger: Run, operator: User) -> None:
    Run.objects.filter(pk=stranger.pk).update(state=RunState.FAILED)
    ended = fresh(stranger)

    with pytest.raises(KindUnknown):
        run_retry(run=ended, actor=operator)
    assert runs_retry(runs=[ended], actor=operator) == 0


def _break_the_hook(script: Script, error: Exception) -> None:
    def refused(*_: object) -> None:
        raise error

    script.refused = refused  # type: ignore[method-assign]


def test_a_run_whose_hook_fails_ends_with_our_mistake(
    queued: Run, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(number: int) -> None:
        raise OktaAuthError("invalid_client", status=401)

    script.before = fail
    _break_the_hook(script, RuntimeError("a bug in the hook"))

    engine.work(queued.pk)

    after = fresh(queued)
    assert (after.state, after.error_code) == (RunState.ERRORED, "internal")
    assert "could not be undone" in after.error_detail
    assert "a bug in the hook" in caplog.text
    assert "could not be undone" in RunEvent.objects.filter(run=queued).latest("id").text


def test_a_run_that_fails_in_the_work_and_in_the_hook_ends_too(queued: Run, script: Script) -> None:
    def fail(number: int) -> None:
        raise RuntimeError("a bug in the work")

    script.before = fail
    _break_the_hook(script, RuntimeError("another in the hook"))

    with pytest.raises(RuntimeError, match="in the work"):
        engine.work(queued.pk)

    assert fresh(queued).state == RunState.ERRORED


def test_a_run_whose_hook_fails_can_be_cancelled(
    queued: Run, script: Script, operator: User
) -> None:
    _break_the_hook(script, RuntimeError("a bug in the hook"))

    run_cancel(run=queued, actor=operator)

    assert fresh(queued).state == RunState.ERRORED


def test_a_hook_that_finds_no_database_is_tried_again(
    queued: Run, script: Script, operator: User
) -> None:
    _break_the_hook(script, OperationalError("gone"))

    with pytest.raises(OperationalError):
        run_cancel(run=queued, actor=operator)

    assert fresh(queued).is_live

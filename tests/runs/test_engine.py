"""A slice of a run: what is kept, what is given back, and how it ends."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.models.functions import Now
from django.utils import timezone

from tenants.choices import EventLevel, RunState
from tenants.models import Run, RunEvent, Tenant, User
from tenants.okta.errors import (
    OktaAuthError,
    OktaRateLimited,
    OktaReadOnly,
    OktaRequestError,
)
from tenants.runs import engine
from tenants.runs.context import RunContext
from tenants.runs.handlers import Later, Step
from tenants.runs.queue import run_cancel
from tenants.vault.errors import KeyringError, SealUnavailable, VaultError
from tests.runs.conftest import Script, fresh

pytestmark = pytest.mark.django_db(transaction=True)


def _say(run: Run, number: int) -> None:
    RunEvent.objects.create(run=run, text=f"row {number}", level=EventLevel.INFO)


def _rows(run: Run) -> list[str]:
    return list(run.events.filter(text__startswith="row").values_list("text", flat=True))


def test_a_run_works_to_its_end(queued: Run, script: Script) -> None:
    engine.work(queued.pk)

    run = fresh(queued)
    assert run.state == RunState.SUCCEEDED
    assert run.outcome == {"counted": 3}
    assert (run.done_count, run.total_count) == (3, 3)
    assert run.ended_at is not None
    assert run.lease_until is None


def test_work_without_a_claim_does_nothing(queued: Run) -> None:
    Run.objects.filter(pk=queued.pk).update(state=RunState.CANCELLED)

    assert engine.work(queued.pk) is False


def test_a_slice_ends_after_its_steps_and_the_next_goes_on(
    queued: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SLICE_STEPS", 2)
    script.length = 5

    engine.work(queued.pk)
    after_one = fresh(queued)
    engine.work(queued.pk)
    engine.work(queued.pk)

    assert (after_one.state, after_one.checkpoint) == (RunState.QUEUED, {"at": 2})
    assert fresh(queued).state == RunState.SUCCEEDED
    assert fresh(queued).slice_count == 3


def test_a_step_keeps_its_rows_with_its_checkpoint_or_neither(queued: Run, script: Script) -> None:
    def write(number: int) -> None:
        _say(queued, number)
        if number == 2:
            raise OperationalError("the database went away")

    script.write = write

    with pytest.raises(OperationalError):
        engine.work(queued.pk)

    assert fresh(queued).checkpoint == {"at": 1}
    assert _rows(queued) == ["row 1"]


def test_after_a_crash_the_next_worker_goes_on_from_the_checkpoint(
    queued: Run, script: Script
) -> None:
    def crash(number: int) -> None:
        if number == 3:
            raise OperationalError("gone")

    script.write = lambda number: _say(queued, number)
    script.before = crash
    with pytest.raises(OperationalError):
        engine.work(queued.pk)
    Run.objects.filter(pk=queued.pk).update(not_before=Now())
    script.before = lambda number: None

    engine.work(queued.pk)

    assert fresh(queued).state == RunState.SUCCEEDED
    assert _rows(queued) == ["row 1", "row 2", "row 3"]


def test_a_worker_that_lost_its_lease_stops_silently(queued: Run, script: Script) -> None:
    def take_over(number: int) -> None:
        if number == 2:
            Run.objects.filter(pk=queued.pk).update(fence=99)

    script.before = take_over
    script.write = lambda number: _say(queued, number)

    engine.work(queued.pk)

    assert _rows(queued) == ["row 1"]
    assert fresh(queued).state == RunState.RUNNING


def test_a_rate_limit_waits_without_using_up_patience(queued: Run, script: Script) -> None:
    def limited(number: int) -> None:
        raise OktaRateLimited("slow down", retry_after=45)

    script.before = limited

    engine.work(queued.pk)

    run = fresh(queued)
    wait = run.not_before - timezone.now()
    assert run.state == RunState.QUEUED
    assert timedelta(seconds=40) < wait <= timedelta(seconds=45)
    assert run.failures == 0
    assert run.wait_s == 45


def test_passing_trouble_is_tried_again_until_patience_ends(queued: Run, script: Script) -> None:
    def odd(number: int) -> None:
        raise OktaRequestError("odd", retryable=True)

    script.before = odd
    for _ in range(script.patience):
        engine.work(queued.pk)
        assert fresh(queued).state == RunState.QUEUED
        Run.objects.filter(pk=queued.pk).update(not_before=timezone.now() - timedelta(seconds=1))

    engine.work(queued.pk)

    assert (fresh(queued).state, fresh(queued).error_code) == (RunState.FAILED, "rejected")
    assert script.refusals == ["rejected"]


def test_an_org_in_read_only_mode_is_waited_for_as_told(queued: Run, script: Script) -> None:
    def failing_over(number: int) -> None:
        raise OktaReadOnly("fail-over", retry_after=60)

    script.before = failing_over

    engine.work(queued.pk)

    run = fresh(queued)
    assert (run.state, run.failures, run.wait_s) == (RunState.QUEUED, 0, 60)
    assert run.waiting_for == "the end of Okta's read-only mode"


def test_a_failure_tells_what_oktas_support_asks_for(queued: Run, script: Script) -> None:
    def refuse(number: int) -> None:
        raise OktaRequestError("E0000001: no", error_id="oae123", request_id="abc456")

    script.before = refuse

    engine.work(queued.pk)

    detail = "E0000001: no (error ID oae123, request ID abc456)"
    assert fresh(queued).error_detail == detail


def test_waiting_for_our_own_share_is_not_blamed_on_okta(queued: Run, script: Script) -> None:
    def wait(number: int) -> None:
        raise OktaRateLimited("our share is used", retry_after=30)

    script.before = wait

    engine.work(queued.pk)

    assert fresh(queued).waiting_for == "our share of Okta's rate limit"


def test_a_refusal_fails_at_once(queued: Run, script: Script) -> None:
    def refuse(number: int) -> None:
        raise OktaAuthError("no")

    script.before = refuse

    engine.work(queued.pk)

    assert (fresh(queued).state, fresh(queued).error_code) == (RunState.FAILED, "invalid_client")


@pytest.mark.parametrize("error", [KeyringError("no key file"), SealUnavailable()], ids=repr)
def test_without_keys_a_run_waits(queued: Run, script: Script, error: VaultError) -> None:
    def refuse(number: int) -> None:
        raise error

    script.before = refuse

    engine.work(queued.pk)

    run = fresh(queued)
    assert (run.state, run.failures) == (RunState.QUEUED, 0)
    assert "our key" in run.waiting_for


def test_our_own_mistake_errors_and_is_raised(queued: Run, script: Script) -> None:
    def blunder(number: int) -> None:
        raise KeyError("secret-looking-value")

    script.before = blunder

    with pytest.raises(KeyError):
        engine.work(queued.pk)

    run = fresh(queued)
    assert (run.state, run.error_code) == (RunState.ERRORED, "internal")
    assert "secret-looking-value" not in run.error_detail


def test_a_run_that_always_kills_its_worker_is_given_up(queued: Run, script: Script) -> None:
    Run.objects.filter(pk=queued.pk).update(attempts=engine.MOST_ATTEMPTS)

    engine.work(queued.pk)

    assert (fresh(queued).state, fresh(queued).error_code) == (RunState.ERRORED, "quarantined")


def test_progress_forgives_earlier_attempts(queued: Run, script: Script) -> None:
    Run.objects.filter(pk=queued.pk).update(attempts=engine.MOST_ATTEMPTS - 1, failures=3)

    engine.work(queued.pk)

    assert fresh(queued).state == RunState.SUCCEEDED
    assert (fresh(queued).attempts, fresh(queued).failures) == (0, 0)


def test_a_running_run_stops_after_its_page_when_cancelled(
    queued: Run, script: Script, operator: User
) -> None:
    def cancel(number: int) -> None:
        if number == 2:
            run_cancel(run=fresh(queued), actor=operator)

    script.before = cancel
    script.length = 10

    engine.work(queued.pk)

    run = fresh(queued)
    assert (run.state, run.done_count) == (RunState.CANCELLED, 2)
    assert script.refusals == ["cancelled"]


def test_a_draining_worker_gives_the_run_back(
    queued: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.draining, "is_set", lambda: True)

    engine.work(queued.pk)

    assert (fresh(queued).state, fresh(queued).checkpoint) == (RunState.QUEUED, {"at": 1})


def test_the_summary_follows_the_run(queued: Run, working: Tenant) -> None:
    engine.work(queued.pk)

    assert working.summary.last_run_id == queued.pk
    assert working.summary.last_run_state == RunState.SUCCEEDED


def test_an_announcement_forgives_nothing_and_ends_no_slice(
    queued: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is about to be done is done in the same slice, whoever wants it to end."""
    seen: list[tuple[int, int]] = []

    def steps(context: RunContext) -> Iterator[Step]:
        if not context.checkpoint:
            yield Step({"at": "announced"}, announces=True)
            seen.append((fresh(queued).attempts, fresh(queued).failures))
            context.checkpoint = {"at": "done"}
            yield Step({"at": "done"})

    monkeypatch.setattr(script, "steps", steps, raising=False)
    monkeypatch.setattr(engine.draining, "is_set", lambda: True)
    Run.objects.filter(pk=queued.pk).update(failures=3)

    engine.work(queued.pk)

    assert seen == [(1, 3)]
    assert fresh(queued).checkpoint == {"at": "done"}
    assert (fresh(queued).attempts, fresh(queued).failures) == (0, 0)


def test_a_handler_that_wants_to_go_on_later_waits_without_using_up_patience(
    queued: Run, script: Script
) -> None:
    def later(number: int) -> None:
        raise Later(20, "the org to make up its mind")

    script.before = later

    engine.work(queued.pk)

    run = fresh(queued)
    assert (run.state, run.failures, run.wait_s) == (RunState.QUEUED, 0, 20)
    assert run.waiting_for == "the org to make up its mind"

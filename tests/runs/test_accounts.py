"""What a run tells of itself: its log and its counters, neither twice nor by a ghost."""

from collections.abc import Iterator

import pytest
from django.db import OperationalError
from django.db.models.functions import Now

from tenants.choices import RunState
from tenants.models import Run
from tenants.okta.errors import OktaRateLimited
from tenants.runs import engine
from tenants.runs.context import RunContext
from tenants.runs.handlers import Refusal, Step, register
from tests.runs.conftest import Script, fresh

pytestmark = pytest.mark.django_db(transaction=True)


class _Talking(Script):
    """Says its number before each step, and counts one call to Okta with it."""

    def steps(self, context: RunContext) -> Iterator[Step]:
        org = _CountingOrg()
        context._orgs["acme.okta.com"] = org  # type: ignore[assignment]
        for step in super().steps(context):
            org.requests += 1
            context.say(f"at {step.checkpoint['at']}")
            yield step


class _CountingOrg:
    requests = 0


@pytest.fixture
def talking(script: Script) -> Script:
    talking = _Talking()
    register([talking])  # the fixture ``script`` puts the real one back
    return talking


def _log(run: Run) -> list[str]:
    return list(run.events.filter(text__startswith="at").values_list("text", flat=True))


def test_a_repeated_step_is_told_once(queued: Run, talking: Script) -> None:
    def fail_once(number: int) -> None:
        if number == 2:
            talking.write = lambda number: None
            raise OperationalError("gone")

    talking.write = fail_once
    with pytest.raises(OperationalError):
        engine.work(queued.pk)
    Run.objects.update(not_before=Now())

    engine.work(queued.pk)

    assert _log(queued) == ["at 1", "at 2", "at 3"]


def test_who_lost_the_lease_says_nothing(queued: Run, talking: Script) -> None:
    def take_over(number: int) -> None:
        if number == 2:
            Run.objects.filter(pk=queued.pk).update(fence=99)

    talking.before = take_over

    engine.work(queued.pk)

    assert _log(queued) == ["at 1"]


def test_calls_are_counted_once_over_slices(
    queued: Run, talking: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SLICE_STEPS", 2)
    talking.length = 5

    for _ in range(3):
        engine.work(queued.pk)

    assert fresh(queued).state == RunState.SUCCEEDED
    assert fresh(queued).call_count == 5


def test_calls_of_a_step_that_was_rolled_back_are_counted_too(queued: Run, talking: Script) -> None:
    def refuse(number: int) -> None:
        if number == 2:
            raise Refusal("org_taken")

    talking.write = refuse

    engine.work(queued.pk)

    assert fresh(queued).error_code == "org_taken"
    assert fresh(queued).call_count == 2


def test_a_rate_limit_without_end_ends_the_run(queued: Run, script: Script) -> None:
    def limited(number: int) -> None:
        raise OktaRateLimited("slow down", retry_after=120)

    script.before = limited
    Run.objects.filter(pk=queued.pk).update(wait_s=script.longest_wait_s)

    engine.work(queued.pk)

    assert (fresh(queued).state, fresh(queued).error_code) == (RunState.FAILED, "rate_limited")

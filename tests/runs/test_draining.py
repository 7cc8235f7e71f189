"""A worker that was asked to end gives back what it holds without waiting for an org."""

from collections.abc import Iterator

import pytest

from tenants.choices import RunKind, RunState, Trigger
from tenants.models import Breaker, Run, Tenant
from tenants.runs import dispatch, doorbell, engine
from tenants.runs.queue import run_queue
from tenants.sandbox.faults import Status
from tenants.sandbox.server import Sandbox
from tests.runs.conftest import fresh

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _asked_to_end() -> Iterator[None]:
    yield
    engine.draining.clear()


@pytest.fixture
def sync(connected: Tenant) -> Run:
    return run_queue(tenant=connected, kind=RunKind.SYNC, trigger=Trigger.SCHEDULE)


def test_a_call_is_tried_once_and_the_next_try_is_left_to_others(
    sync: Run, sandbox: Sandbox
) -> None:
    """With all its tries and pauses one page of an org that hangs can take a minute."""
    sandbox.faults.add(Status(status=503, operation="listApplications"))
    engine.draining.set()

    engine.work(sync.pk)

    run = fresh(sync)
    assert (run.state, run.failures, run.wait_s) == (RunState.QUEUED, 0, 0)
    assert run.waiting_for == "a worker that goes on"
    assert run.call_count == 1
    assert not Breaker.objects.exists()


def test_it_rings_for_nobody_any_more(queued: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that hangs takes 20 s for each doorbell, and each slot would wait for its turn."""
    rung: list[object] = []
    monkeypatch.setattr(doorbell, "_send", lambda run_id, urgency: rung.append(run_id))
    engine.draining.set()

    dispatch.ring_due_runs()
    while_it_ends = list(rung)
    engine.draining.clear()
    dispatch.ring_due_runs()

    assert while_it_ends == []
    assert rung == [queued.pk]

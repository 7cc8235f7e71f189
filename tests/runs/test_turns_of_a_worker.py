"""Fairness where it counts: a real Redis, and a real worker with a single slot."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from oin_service.processes import Processes
from oin_service.stack import BASE, WORKER
from tenants.choices import RunKind, RunState, TenantState, Trigger
from tenants.models import Run, Tenant
from tenants.runs import dispatch
from tenants.runs.queue import run_queue
from tests.runs.conftest import fresh

pytestmark = pytest.mark.django_db(transaction=True)

#: Of ``slow_kind``, which only the worker may import: it takes the place of the real sync.
SLICE_S = 1.0
#: What two processes on a busy machine need between a run and the next.
SLACK_S = 1.0


@pytest.fixture
def worker(tmp_path: Path, redis_server: str) -> Iterator[Callable[[], None]]:
    """Start the stack's worker, with one slot and a kind of run that sleeps."""
    command = [part.replace("oin_service", "tests.runs.slow_kind") for part in map(str, WORKER)]
    urls = {"DATABASE_URL": _database_url(), "REDIS_URL": redis_server}
    env = {**os.environ, **urls, "WORKER_THREADS": "1"}
    with Processes(tmp_path, env, cwd=BASE) as processes:

        def start() -> None:
            log = tmp_path / "logs/worker.log"
            processes.start("worker", command, ready=lambda: "ready." in log.read_text())

        yield start


def test_a_huge_tenant_delays_the_start_of_others_by_one_slice_at_most(
    worker: Callable[[], None],
) -> None:
    huge = _queue("huge", steps=10_000, step_s=0.1)
    worker()
    _await(lambda: fresh(huge).state == RunState.RUNNING)
    small = [_queue(f"small {number:02}", steps=1, step_s=0.02) for number in range(50)]
    slices_before = fresh(huge).slice_count

    _await(lambda: not _live(small))

    assert fresh(huge).slice_count - slices_before <= 1
    first = min(_begun(small))
    assert first - small[0].created_at < timedelta(seconds=SLICE_S + SLACK_S)
    _await(lambda: fresh(huge).slice_count > slices_before + 1)  # and then it goes on


def test_what_a_person_asks_for_starts_next_though_500_wait(worker: Callable[[], None]) -> None:
    waiting = [_queue(f"{number:03}", steps=1, step_s=0.05) for number in range(500)]
    worker()
    _await(lambda: fresh(waiting[5]).started_at is not None)

    person = _queue("person", trigger=Trigger.OPERATOR, steps=1, step_s=0.05)
    _await(lambda: fresh(person).started_at is not None)

    asked, begun = fresh(person).created_at, fresh(person).started_at
    between = [at for at in _begun(waiting) if asked < at < begun]
    # The one that was in work ends, and with it the doorbell goes out: at most one is quicker.
    assert len(between) <= 2


def _queue(name: str, *, trigger: Trigger = Trigger.SCHEDULE, **params: Any) -> Run:
    tenant = Tenant.objects.create(name=name, state=TenantState.CONNECTED)
    return run_queue(tenant=tenant, kind=RunKind.SYNC, trigger=trigger, params=params)


def _live(runs: list[Run]) -> bool:
    ids = [run.pk for run in runs]
    return Run.objects.filter(pk__in=ids).exclude(state=RunState.SUCCEEDED).exists()


def _begun(runs: list[Run]) -> list[datetime]:
    begun = Run.objects.filter(pk__in=[run.pk for run in runs], started_at__isnull=False)
    return list(begun.values_list("started_at", flat=True))


def _await(reached: Callable[[], bool]) -> None:
    """Tick, as beat would have it, until ``reached()``."""
    deadline, tick_at = time.monotonic() + 60, 0.0
    while not reached():
        now = time.monotonic()
        assert now < deadline, "waited in vain"
        if now >= tick_at:
            dispatch.tick()
            tick_at = now + 1.0
        time.sleep(0.02)


def _database_url() -> str:
    """The test's own database, for another process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"

"""Real workers: that end when stuck and only then, and that tick when nobody rings for it."""

import os
import signal
import time
from datetime import timedelta

import pytest
import redis
from django.utils import timezone

from tenants.choices import RunKind, TenantState, Trigger
from tenants.models import Run, Tenant, Worker
from tenants.runs.queue import run_queue
from tests.wedge import WEDGE
from tests.worker.conftest import RealWorker, eventually

pytestmark = pytest.mark.django_db(transaction=True)

#: A pulse each half second, so that nobody waits long for a silence.
SILENCE_S = 3.0
QUICK = {"WORKER_SILENCE_S": str(SILENCE_S), "TICK_EVERY_S": "0.5"}


def test_a_worker_that_takes_no_messages_any_more_ends_itself(worker: RealWorker) -> None:
    worker.start("--include=tests.wedge", **QUICK)

    worker.signal(WEDGE)

    assert eventually(worker.has_died)
    log = worker.log.read_text()
    assert "this worker ends to be started anew: no message came through for" in log
    assert "_stand_still" in log  # and it tells where it stood


def test_a_worker_that_hears_nothing_but_itself_lives_and_ticks(worker: RealWorker) -> None:
    """Beat is away: that is no reason to end, and the schedule goes on."""
    worker.start(**QUICK)
    time.sleep(2 * SILENCE_S)

    assert not worker.has_died()
    assert eventually(lambda: worker.row.ticked_at is not None)
    assert worker.row.beaten_at is None


def test_a_redis_that_does_not_answer_ends_no_worker(worker: RealWorker, redis_server: str) -> None:
    worker.start(**QUICK)
    client = redis.Redis.from_url(redis_server)
    pid = client.info("server")["process_id"]
    worker_pid = worker.row.pid

    os.kill(pid, signal.SIGSTOP)
    try:
        told = eventually(lambda: worker.row.redis_away_at is not None)
        time.sleep(SILENCE_S)
    finally:
        os.kill(pid, signal.SIGCONT)

    assert told
    assert eventually(lambda: worker.row.redis_away_at is None)
    time.sleep(SILENCE_S)
    assert not worker.has_died()
    assert worker.row.pid == worker_pid


def test_a_worker_that_was_frozen_goes_on(worker: RealWorker) -> None:
    worker.start(**QUICK)

    worker.signal(signal.SIGSTOP)
    time.sleep(2 * SILENCE_S)
    thawed_at = timezone.now()
    worker.signal(signal.SIGCONT)

    assert eventually(lambda: worker.row.seen_at > thawed_at)
    time.sleep(1)
    assert not worker.has_died()


def test_ticks_come_in_time_though_slow_slices_take_all_slots(worker: RealWorker) -> None:
    for number in range(8):
        _queue(f"slow {number}", steps=1, step_s=60)
    worker.start(app="tests.runs.slow_kind", slots=8, **QUICK)
    assert eventually(lambda: worker.row.busy == 8)

    ages = []
    for _ in range(10):
        time.sleep(1)
        ticked_at = worker.row.ticked_at
        ages.append(timezone.now() - ticked_at)

    # Five seconds without a tick make it overdue, and the pulse is half a second.
    assert max(ages[-5:]) < timedelta(seconds=7)
    assert worker.row.busy == 8


def test_a_worker_that_is_stopped_says_that_it_ended(worker: RealWorker) -> None:
    worker.start(**QUICK)

    worker.signal(signal.SIGTERM)

    assert eventually(lambda: Worker.objects.filter(ended_at__isnull=False).exists())


def _queue(name: str, **params: float) -> Run:
    tenant = Tenant.objects.create(name=name, state=TenantState.CONNECTED)
    return run_queue(tenant=tenant, kind=RunKind.SYNC, trigger=Trigger.SCHEDULE, params=params)

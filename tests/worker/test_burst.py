"""Thousands of doorbells for nothing, before a real worker."""

import time
import uuid

import pytest
import redis
from celery import current_app

from tenants.models import Run
from tests.worker.conftest import RealWorker, eventually
from tests.worker.test_pulse import _queue

pytestmark = pytest.mark.django_db(transaction=True)

BURST = 3000
#: A look each 0.2 s, and what two processes on a busy machine need.
PATIENCE_S = 3.0


def _ring_for_nothing(done: Run) -> None:
    said = [str(uuid.uuid4()), "rubbish", str(done.pk)]
    with current_app.producer_or_acquire() as producer:
        for number in range(BURST):
            args, queue = [said[number % 3]], "interactive"
            current_app.send_task("run.slice", args=args, queue=queue, producer=producer)


def test_real_work_does_not_wait_behind_them(worker: RealWorker, redis_server: str) -> None:
    done = _queue("done", steps=1, step_s=0.01)
    Run.objects.filter(pk=done.pk).update(state="succeeded")
    _ring_for_nothing(done)
    worker.start(app="tests.runs.slow_kind", slots=2)

    real = _queue("real", steps=1, step_s=0.01)  # bulk work, beside all of them
    began = time.monotonic()
    started = eventually(lambda: Run.objects.get(pk=real.pk).started_at is not None)
    took_s = time.monotonic() - began
    with redis.Redis.from_url(redis_server) as client:
        still_waiting = client.llen("hub:interactive")

    assert started
    assert still_waiting > BURST / 3
    assert took_s < PATIENCE_S
    assert worker.log.read_text().count("named no run") <= 1

"""Doorbells on a real Redis: an id and nothing more, rung again when unanswered."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import redis
from celery import Celery, current_app
from django.db import connection
from django.utils import timezone

from oin_service.ports import free_port
from tenants.choices import RunKind, RunState, Trigger, Urgency
from tenants.models import Run, Tenant
from tenants.runs import answering, dispatch, doorbell
from tenants.runs.leases import claim
from tenants.runs.queue import run_queue
from tenants.runs.seldom import Seldom
from tenants.tasks import run_slice, tick
from tests.runs.conftest import Script, fresh

pytestmark = pytest.mark.django_db(transaction=True)


def _rung(url: str) -> list[Any]:
    """Bodies of the messages waiting for workers."""
    with redis.Redis.from_url(url) as client:
        messages = [client.lrange(f"hub:{queue}", 0, -1) for queue in Urgency.labels]
    return [json.loads(message) for queue in messages for message in queue]


def test_a_doorbell_carries_the_run_and_nothing_else(queued: Run, redis_server: str) -> None:
    dispatch.tick()

    (message,) = _rung(redis_server)
    assert message["headers"]["task"] == "run.slice"
    assert message["headers"]["argsrepr"] == f"['{queued.pk}']"
    assert str(queued.tenant_id) not in json.dumps(message)


def test_an_unanswered_doorbell_is_rung_again_later(queued: Run, redis_server: str) -> None:
    dispatch.tick()
    dispatch.tick()
    at_once = len(_rung(redis_server))
    Run.objects.update(rung_at=timezone.now() - timedelta(seconds=doorbell.RING_AGAIN_S + 1))

    dispatch.tick()

    assert at_once == 1
    assert len(_rung(redis_server)) == 2


def test_when_redis_is_back_all_is_rung_for_anew(queued: Run, redis_server: str) -> None:
    dispatch.tick()
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()

    doorbell.notice(redis_is_away=True)
    dispatch.tick()
    meanwhile = len(_rung(redis_server))
    doorbell.notice(redis_is_away=False)
    dispatch.tick()
    doorbell.notice(redis_is_away=False)
    dispatch.tick()

    assert meanwhile == 0
    assert len(_rung(redis_server)) == 1


def test_without_redis_a_tick_fails_softly_and_the_run_waits(
    queued: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = Celery("nowhere", broker=f"redis://127.0.0.1:{free_port()}/0", set_as_current=False)
    nowhere.conf.task_publish_retry = False
    monkeypatch.setattr(doorbell, "current_app", nowhere)

    assert dispatch.ring_due_runs() == 0

    assert fresh(queued).rung_at is None
    assert fresh(queued).is_live


def test_a_full_redis_stops_no_tick_and_no_run_is_taken_for_rung(
    queued: Run, redis_server: str
) -> None:
    other = Tenant.objects.create(name="Globex", contact_email="it@globex.example")
    run_queue(tenant=other, kind=RunKind.AUDIT, trigger=Trigger.OPERATOR)
    with redis.Redis.from_url(redis_server) as client:
        client.config_set("maxmemory", 1)
        try:
            rung = dispatch.ring_due_runs()
        finally:
            client.config_set("maxmemory", 0)

    assert rung == 0
    assert Run.objects.filter(rung_at=None).count() == 2


def test_who_finished_a_slice_rings_for_what_it_led_to(
    queued: Run, working: Tenant, script: Script, redis_server: str
) -> None:
    script.write = lambda number: _queue_once(working)

    run_slice(str(queued.pk))

    (message,) = _rung(redis_server)
    assert message["headers"]["argsrepr"] == f"['{Run.objects.get(kind=RunKind.AUDIT).pk}']"


def test_a_doorbell_for_a_run_that_cannot_be_taken_yet_counts_as_answered(
    queued: Run, redis_server: str
) -> None:
    dispatch.ring_due_runs()
    Run.objects.update(not_before=timezone.now() + timedelta(minutes=1))

    run_slice(str(queued.pk))

    assert fresh(queued).rung_at is None


def test_an_abandoned_run_is_rung_for_once(queued: Run, redis_server: str) -> None:
    claim(queued.pk)
    Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    dispatch.ring_due_runs()
    dispatch.ring_due_runs()

    assert len(_rung(redis_server)) == 1


def test_threads_that_ring_at_the_same_time_ring_once(queued: Run, redis_server: str) -> None:
    def ring(_: int) -> int:
        try:
            return doorbell.ring([(queued.pk, Urgency.SCHEDULED)])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        rung = sum(threads.map(ring, range(4)))

    assert rung == 1
    assert len(_rung(redis_server)) == 1


@pytest.mark.parametrize("forged", ["", "no-run", "0" * 64, "'; drop table", None, 7])
def test_a_forged_doorbell_changes_nothing(queued: Run, forged: Any) -> None:
    Run.objects.update(not_before=timezone.now() + timedelta(hours=1))

    run_slice(forged)

    assert fresh(queued).fence == 0


def test_both_tasks_have_a_route() -> None:
    routed = current_app.amqp.router.route({}, run_slice.name)["queue"].name
    control = current_app.amqp.router.route({}, tick.name)["queue"].name

    assert (routed, control) == ("scheduled", "control")


def _queue_once(tenant: Tenant) -> None:
    if not Run.objects.filter(kind=RunKind.AUDIT).exists():
        run_queue(tenant=tenant, kind=RunKind.AUDIT, trigger=Trigger.FOLLOW_UP)


@pytest.mark.parametrize("said", ["rubbish", str(uuid.uuid4())], ids=["garbage", "of no run"])
def test_a_doorbell_for_nothing_writes_nothing_and_now_and_then_finds_work(
    said: str, queued: Run, django_assert_max_num_queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "_looking", Seldom(3600))
    run_slice(said)
    found = fresh(queued).state

    with django_assert_max_num_queries(2) as asked:
        run_slice(said)

    assert found == RunState.SUCCEEDED
    assert not [query for query in asked if not query["sql"].startswith("SELECT")]


def test_a_second_doorbell_for_a_run_in_work_writes_nothing(
    queued: Run, django_assert_max_num_queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim(queued.pk)
    monkeypatch.setattr(answering, "_looking", Seldom(3600))
    run_slice("this takes the turn to look")

    with django_assert_max_num_queries(2) as asked:
        run_slice(str(queued.pk))

    assert not [query for query in asked if not query["sql"].startswith("SELECT")]

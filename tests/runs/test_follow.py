"""A run that has to follow something follows it, also when one of its kind is under way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction
from django.utils import timezone

from tenants.choices import LIVE_RUN_STATES, RunKind, RunState, Trigger
from tenants.models import Run, Tenant, User
from tenants.runs import engine
from tenants.runs.leases import claim
from tenants.runs.queue import run_cancel, run_follow
from tests.runs.conftest import Script

pytestmark = pytest.mark.django_db(transaction=True)


def _live(tenant: Tenant) -> list[Run]:
    return list(Run.objects.filter(tenant=tenant, state__in=LIVE_RUN_STATES))


def test_it_is_queued_when_none_is_live(working: Tenant, script: Script) -> None:
    run_follow(tenant=working, kind=RunKind.SYNC)

    (run,) = _live(working)
    assert run.trigger == Trigger.FOLLOW_UP


def test_one_that_has_not_begun_will_do(queued: Run, working: Tenant) -> None:
    run_follow(tenant=working, kind=RunKind.SYNC)
    engine.work(queued.pk)

    assert _live(working) == []


def test_one_that_has_begun_is_followed_once_by_another(
    queued: Run, working: Tenant, script: Script
) -> None:
    def ask_twice(number: int) -> None:
        script.before = lambda number: None
        run_follow(tenant=working, kind=RunKind.SYNC)
        run_follow(tenant=working, kind=RunKind.SYNC)

    script.before = ask_twice

    engine.work(queued.pk)
    (following,) = _live(working)
    engine.work(following.pk)

    assert following.trigger == Trigger.FOLLOW_UP
    assert _live(working) == []


def test_it_follows_also_when_the_one_before_was_cancelled(
    queued: Run, working: Tenant, operator: User
) -> None:
    claim(queued.pk)
    run_follow(tenant=working, kind=RunKind.SYNC)
    Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    run_cancel(run=queued, actor=operator)

    (following,) = _live(working)
    assert following.trigger == Trigger.FOLLOW_UP


def test_none_is_lost_between_a_run_that_ends_and_who_asks_for_another(
    queued: Run, working: Tenant, script: Script
) -> None:
    """The run ends while the transaction that asked is still open."""
    began, asked = Event(), Event()

    def let_it_be_asked(number: int) -> None:
        began.set()
        asked.wait(10)

    def ask() -> None:
        began.wait(10)
        try:
            with transaction.atomic():
                run_follow(tenant=working, kind=RunKind.SYNC)
                asked.set()
        finally:
            connection.close()

    script.before = let_it_be_asked

    with ThreadPoolExecutor(1) as other:
        asking = other.submit(ask)
        engine.work(queued.pk)
        asking.result(10)

    assert Run.objects.get(pk=queued.pk).state == RunState.SUCCEEDED
    (following,) = _live(working)
    assert following.trigger == Trigger.FOLLOW_UP

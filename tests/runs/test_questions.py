"""How often a slice asks the database: what a worker costs is mostly that."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.utils import timezone

from tenants.choices import RunKind, RunState, Trigger
from tenants.models import Run, Tenant, TenantSummary
from tenants.runs import dispatch, engine
from tenants.runs.leases import claim
from tenants.runs.queue import run_queue
from tests.runs.conftest import Script, fresh

pytestmark = pytest.mark.django_db(transaction=True)

Questions = Callable[[int], AbstractContextManager[Any]]


def test_a_sync_that_finds_nothing_new_asks_little(
    connected: Tenant, django_assert_max_num_queries: Questions
) -> None:
    """Acme has two authorization servers, and so more than a dozen listings."""
    run = run_queue(tenant=connected, kind=RunKind.SYNC, trigger=Trigger.SCHEDULE)

    with django_assert_max_num_queries(112):
        engine.work(run.pk)

    assert fresh(run).state == RunState.SUCCEEDED


def test_an_audit_of_a_small_org_is_kept_in_one_step(
    connected: Tenant, django_assert_max_num_queries: Questions
) -> None:
    run = run_queue(tenant=connected, kind=RunKind.AUDIT, trigger=Trigger.SCHEDULE)

    with django_assert_max_num_queries(46):
        engine.work(run.pk)

    assert fresh(run).state == RunState.SUCCEEDED


def test_a_claim_asks_little(queued: Run, django_assert_max_num_queries: Questions) -> None:
    """A look, and a transaction in which the tenant's claims queue up and one takes the run."""
    with django_assert_max_num_queries(5):
        assert claim(queued.pk)


def test_a_doorbell_for_nothing_costs_a_claim_one_look(
    queued: Run, django_assert_num_queries: Questions
) -> None:
    claim(queued.pk)

    with django_assert_num_queries(1):
        assert claim(queued.pk) is None


def test_a_tenants_line_in_the_list_takes_five_questions_to_renew(
    connected: Tenant, django_assert_num_queries: Questions
) -> None:
    with django_assert_num_queries(5):
        TenantSummary.objects.refresh(connected)


def test_ringing_where_nothing_waits_asks_once(
    queued: Run, redis_server: str, django_assert_num_queries: Questions
) -> None:
    claim(queued.pk)

    with django_assert_num_queries(1):
        dispatch.ring_due_runs()


def test_a_step_tells_that_the_run_was_cancelled_meanwhile(queued: Run, script: Script) -> None:
    lease = claim(queued.pk)
    assert lease is not None
    assert lease.renew(activity="first")

    Run.objects.filter(pk=queued.pk).update(cancel_asked_at=timezone.now())

    assert not lease.renew(activity="second")
    assert fresh(queued).activity == "second"

"""Of any number of workers one holds a run, and only the holder writes."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tenants.choices import RunState, TenantState
from tenants.models import Run, Tenant
from tenants.runs import leases
from tenants.runs.leases import LeaseLost, claim, give_back
from tests.runs.conftest import fresh

pytestmark = pytest.mark.django_db(transaction=True)


def _let_lease_run_out(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_of_eight_workers_one_gets_the_run(queued: Run) -> None:
    def try_to_claim(_: int) -> bool:
        try:
            return claim(queued.pk) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as workers:
        wins = list(workers.map(try_to_claim, range(8)))

    assert wins.count(True) == 1
    assert fresh(queued).fence == 1


def test_who_looked_before_another_took_it_and_gave_it_back_takes_nothing(
    queued: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both would hold it under the same fence."""
    looked = leases._look_at(queued.pk, None)
    claim(queued.pk, "another")
    give_back("another", blameless=True)
    Run.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr(leases, "_look_at", lambda *_: looked)

    assert claim(queued.pk) is None
    assert (fresh(queued).fence, fresh(queued).state) == (1, RunState.QUEUED)


def test_an_abandoned_run_is_taken_over_with_a_higher_fence(queued: Run) -> None:
    first = claim(queued.pk)
    _let_lease_run_out(queued)

    second = claim(queued.pk)

    assert first is not None
    assert second is not None
    assert second.fence == first.fence + 1


def test_who_lost_the_lease_writes_nothing(queued: Run) -> None:
    first = claim(queued.pk)
    _let_lease_run_out(queued)
    claim(queued.pk)
    assert first is not None

    with pytest.raises(LeaseLost):
        first.update(activity="written by a ghost")

    assert fresh(queued).activity == ""


@pytest.mark.parametrize(("left_s", "holds"), [(150, True), (30, True), (20, False), (-1, False)])
def test_who_is_about_to_do_what_cannot_be_undone_needs_some_lease_left(
    left_s: int, holds: bool, queued: Run
) -> None:
    lease = claim(queued.pk)
    assert lease is not None
    until = timezone.now() + timedelta(seconds=left_s)
    Run.objects.filter(pk=queued.pk).update(lease_until=until)

    with nullcontext() if holds else pytest.raises(LeaseLost):
        lease.hold()

    left = fresh(queued).lease_until - timezone.now()
    assert (left > timedelta(seconds=140)) is holds


def test_who_was_taken_over_from_does_not_hold_it(queued: Run) -> None:
    first = claim(queued.pk)
    _let_lease_run_out(queued)
    claim(queued.pk)
    assert first is not None

    with pytest.raises(LeaseLost):
        first.hold()


def test_a_held_run_cannot_be_claimed(queued: Run) -> None:
    claim(queued.pk)

    assert claim(queued.pk) is None


def test_a_run_that_waits_cannot_be_claimed(queued: Run) -> None:
    Run.objects.filter(pk=queued.pk).update(not_before=timezone.now() + timedelta(minutes=1))

    assert claim(queued.pk) is None


@pytest.mark.parametrize("state", [RunState.SUCCEEDED, RunState.CANCELLED, RunState.ERRORED])
def test_an_ended_run_cannot_be_claimed(queued: Run, state: RunState) -> None:
    Run.objects.filter(pk=queued.pk).update(state=state)

    assert claim(queued.pk) is None


def test_a_paused_tenants_run_rests(queued: Run, working: Tenant) -> None:
    Tenant.objects.filter(pk=working.pk).update(state=TenantState.PAUSED)

    assert claim(queued.pk) is None

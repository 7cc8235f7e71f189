"""Old runs go, and nothing that is worth more than a run goes with them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tenants.choices import ChangeKind, RunKind, RunState, Trigger
from tenants.models import AuditEvent, Resource, ResourceChange, Run, RunEvent, Tenant
from tenants.runs import dispatch, engine, history
from tests.runs.conftest import Script

pytestmark = pytest.mark.django_db(transaction=True)


def _ended(tenant: Tenant, *, days_ago: float, **fields: Any) -> Run:
    then = timezone.now() - timedelta(days=days_ago)
    facts = {"state": RunState.SUCCEEDED, "created_at": then, "ended_at": then, **fields}
    run = Run.objects.create(tenant=tenant, kind=RunKind.AUDIT, trigger=Trigger.SCHEDULE, **facts)
    RunEvent.objects.create(run=run, text="said")
    return run


def test_a_tick_forgets_what_ended_too_long_ago(working: Tenant, settings: Any) -> None:
    settings.RUN_HISTORY_DAYS = 30
    old, young = _ended(working, days_ago=31), _ended(working, days_ago=29)

    dispatch.tick()

    assert set(Run.objects.values_list("pk", flat=True)) == {young.pk}
    assert not RunEvent.objects.filter(run_id=old.pk).exists()


def test_a_run_that_lives_is_kept_however_old_it_is(working: Tenant, settings: Any) -> None:
    settings.RUN_HISTORY_DAYS = 30
    live = _ended(working, days_ago=99, state=RunState.QUEUED, ended_at=None)

    history.forget_old_runs()

    assert Run.objects.filter(pk=live.pk).exists()


def test_a_tick_takes_a_bounded_bite(
    working: Tenant, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "BATCH", 2)
    runs = [_ended(working, days_ago=200 - number) for number in range(5)]

    assert history.forget_old_runs() == 2

    assert set(Run.objects.values_list("pk", flat=True)) == {run.pk for run in runs[2:]}


def test_the_end_of_a_run_trims_its_own_tenant_alone(
    queued: Run, script: Script, tenant: Tenant, settings: Any
) -> None:
    settings.RUN_HISTORY_COUNT = 3
    other = Tenant.objects.create(name="Other", contact_email="it@other.example")
    theirs = [_ended(other, days_ago=number) for number in range(5)]
    ours = [_ended(tenant, days_ago=number) for number in range(1, 6)]

    engine.work(queued.pk)

    kept = set(Run.objects.for_tenant(tenant).values_list("pk", flat=True))
    assert kept == {queued.pk, ours[0].pk, ours[1].pk}
    assert Run.objects.for_tenant(other).count() == len(theirs)


def test_changes_and_the_audit_trail_outlive_their_run(working: Tenant, settings: Any) -> None:
    settings.RUN_HISTORY_DAYS = 30
    run = _ended(working, days_ago=31)
    resource = Resource.objects.create(tenant=working, kind="app", okta_id="0oa1", body={})
    change = ResourceChange.objects.create(
        tenant=working, resource=resource, run=run, change=ChangeKind.ADDED
    )
    before = AuditEvent.objects.count()

    history.forget_old_runs()

    change.refresh_from_db()
    assert change.run is None
    assert AuditEvent.objects.count() == before

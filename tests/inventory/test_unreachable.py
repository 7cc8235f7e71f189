"""An org that goes away in the middle of its life and comes back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants.choices import RunKind, RunState, Trigger
from tenants.models import Breaker, Run, Tenant
from tenants.runs import breakers, engine
from tenants.runs.queue import run_queue
from tenants.sandbox.faults import Status
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.service import work_all

pytestmark = pytest.mark.django_db(transaction=True)


def _try(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(not_before=timezone.now() - timedelta(seconds=1))
    engine.work(run.pk)


def test_an_org_that_went_away_costs_nothing_and_its_run_goes_on_when_it_is_back(
    connected: Tenant, acme: Org, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenants.okta.patience.FIRST_BACKOFF_S", 0.0)
    sandbox.faults.add(Status(status=503, path="/api/*"))
    run = run_queue(tenant=connected, kind=RunKind.SYNC, trigger=Trigger.SCHEDULE)

    for _ in range(breakers.TRIP_AFTER):
        _try(run)
    asked = len(acme.requests)
    _try(run)
    gone = Tenant.objects.get(pk=connected.pk)
    sandbox.faults.clear()
    Breaker.objects.update(open_until=timezone.now() - timedelta(seconds=1))
    Run.objects.filter(pk=run.pk).update(not_before=timezone.now() - timedelta(seconds=1))
    work_all()

    back = Tenant.objects.get(pk=connected.pk)
    run.refresh_from_db()
    assert len(acme.requests) > asked  # by then it was back
    assert gone.attention_code == "unreachable"
    assert back.attention_code == ""
    assert run.state == RunState.SUCCEEDED
    assert not Breaker.objects.exists()

"""What a page asks of the database does not grow with what it shows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tenants.choices import RunKind
from tenants.models import (
    AuditEvent,
    Breaker,
    Finding,
    Intent,
    Resource,
    ResourceChange,
    Run,
    RunEvent,
    Tenant,
    TenantSummary,
    TokenUse,
    Worker,
)
from tenants.runs.breakers import FLEET_LEAST
from tests.dashboard.conftest import MakeTenant

PAGES = ("", "inventory/", "changes/", "findings/", "runs/", "connection/", "activity/")


def _add(number: int, acme: Tenant, changing: Run, make_tenant: MakeTenant) -> None:
    """One more row of everything that a list shows."""
    now, name = timezone.now(), f"{number:020}"
    other = make_tenant(f"Other {number}")
    Breaker.objects.create(tenant=other, failures=5, opened_at=now, open_until=now)
    TenantSummary.objects.refresh(other)
    Worker.objects.create(
        mark=name, host="h", pid=number + 1, slots=16, started_at=now, seen_at=now
    )
    run = Run.objects.create(tenant=acme, kind=RunKind.SYNC, trigger="schedule", state="failed")
    RunEvent.objects.create(run=changing, text=name)
    app = Resource.objects.create(tenant=acme, kind="app", okta_id=name, body={}, digest=name)
    ResourceChange.objects.create(tenant=acme, resource=app, run=run, change="added")
    Finding.objects.create(tenant=acme, rule="APP-12", resource=app, severity="low", summary=name)
    Intent.objects.create(
        tenant=acme,
        run=changing,
        number=number + 1,
        operation="deactivateApplication",
        path={"appId": name},
        state="needs_attention",
    )
    AuditEvent.objects.record("tenant.paused", tenant=acme, via=name)
    TokenUse.objects.create(
        tenant=acme,
        hour=now - timedelta(hours=number),
        purpose="sync",
        scopes="okta.apps.read",
        scopes_digest=name,
        first_at=now,
        last_at=now,
        last_run=run,
    )


@pytest.mark.parametrize("page", ["fleet", "runs", "health", "run", *PAGES])
def test_a_page_of_many_rows_asks_as_often_as_one_of_few(
    page: str, browser: Client, acme: Tenant, make_tenant: MakeTenant
) -> None:
    changing = Run.objects.create(
        tenant=acme, kind=RunKind.APPLY, trigger="operator", state="failed"
    )
    url = f"{reverse('dashboard:tenant', args=[acme.pk])}{page}"
    if page in {"fleet", "runs", "health"}:
        url = reverse(f"dashboard:{page}")
    elif page == "run":
        url = reverse("dashboard:run", args=[changing.pk])

    asked = []
    # From three orgs on that do not answer, the fleet's page asks whether that is our fault.
    for numbers in (range(FLEET_LEAST), range(FLEET_LEAST, 12)):
        for number in numbers:
            _add(number, acme, changing, make_tenant)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(url).status_code == 200
        asked.append(len(queries))

    assert asked[1] <= asked[0], asked

"""Operators in front of their dashboard, and a tenant that has been through something."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tenants.choices import Completeness, RunKind, RunState, Severity, TenantState, Trigger
from tenants.connections.invitations import tenant_create
from tenants.models import (
    Coverage,
    Credential,
    Finding,
    Job,
    Resource,
    ResourceChange,
    Run,
    RunEvent,
    Tenant,
    TenantSummary,
    User,
)

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
ODD_NAME = "<script>alert(1)</script> שלום & Söhne"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_user("op@example.com", operator_role="operator")


@pytest.fixture
def browser(operator: User) -> Client:
    return signed_in(operator)


@pytest.fixture
def viewer(db: None) -> Client:
    return signed_in(User.objects.create_user("viewer@example.com", operator_role="viewer"))


@pytest.fixture
def customer(db: None) -> Client:
    return signed_in(User.objects.create_user("customer@example.com"))


@pytest.fixture
def invited(operator: User) -> Tenant:
    tenant, _ = tenant_create(name="Invited Inc", contact_email="it@in.example", actor=operator)
    return tenant


MakeTenant = Callable[..., Tenant]


@pytest.fixture
def make_tenant(operator: User) -> MakeTenant:
    """A connected tenant; ``fields`` say what of its row is different."""

    def _make(name: str, **fields: Any) -> Tenant:
        tenant, _ = tenant_create(name=name, contact_email="it@acme.example", actor=operator)
        host = f"t{Tenant.objects.count()}.okta.com"
        connected = {"state": TenantState.CONNECTED, "host": host, "org_id": f"00o{tenant.pk.hex}"}
        Tenant.objects.filter(pk=tenant.pk).update(**connected | fields)
        tenant.refresh_from_db()
        return tenant

    return _make


@pytest.fixture
def acme(make_tenant: MakeTenant) -> Tenant:
    """Connected, synced and audited, with every kind of row and odd characters in them."""
    tenant = make_tenant("Acme")
    now = timezone.now()
    credential = Credential.objects.create(
        tenant=tenant, state="active", host=tenant.host, org_id=tenant.org_id, client_id="0oaACME"
    )
    for kind in (RunKind.SYNC, RunKind.AUDIT):
        Job.objects.create(tenant=tenant, kind=kind, every_s=3600, next_run_at=now)
    _run(tenant, RunKind.VERIFY, params={"credential": str(credential.pk)})
    told = {"completeness": "partial", "read": 7, "added": 1, "reason": "<b>", "held": 2}
    sync = _run(tenant, RunKind.SYNC, outcome={"kinds": {"app": told, "left_us": told}})
    verdict = {"result": "unknown", "checked": 3, "unknown": 3, "reason": "No key could be read."}
    _run(tenant, RunKind.AUDIT, outcome={"rules": {"AS-06": verdict, "GONE-1": verdict}})
    RunEvent.objects.create(run=sync, text="Apps: <b>1</b> read.", level="warning")
    app = _resource(tenant, "app", "0oa1", ODD_NAME)
    _resource(tenant, "authorization_server", "aus1", "default")
    _resource(tenant, "as_policy", "00p1", "Everyone", parent="aus1")
    rule = _resource(tenant, "as_rule", "0pr1", "Catch-all", parent="aus1/00p1")
    Coverage.objects.create(
        tenant=tenant, kind="app", completeness=Completeness.PARTIAL, reason="<i>", checked_at=now
    )
    ResourceChange.objects.create(
        tenant=tenant, resource=app, run=sync, change="changed", fields={"label": [None, ODD_NAME]}
    )
    Finding.objects.create(
        tenant=tenant,
        rule="AS-02",
        resource=rule,
        severity=Severity.CRITICAL,
        summary=f"Rule of {ODD_NAME}",
        evidence=[{"path": "conditions.scopes.include", "value": ["*", ODD_NAME]}],
    )
    TenantSummary.objects.refresh(tenant)
    return tenant


def _run(tenant: Tenant, kind: RunKind, **fields: Any) -> Run:
    began = timezone.now() - timedelta(minutes=2)
    return Run.objects.create(
        tenant=tenant,
        kind=kind,
        trigger=Trigger.SCHEDULE,
        state=RunState.SUCCEEDED,
        started_at=began,
        ended_at=timezone.now(),
        **fields,
    )


def _resource(tenant: Tenant, kind: str, okta_id: str, label: str, parent: str = "") -> Resource:
    return Resource.objects.create(
        tenant=tenant,
        kind=kind,
        okta_id=okta_id,
        parent=parent,
        label=label,
        status="ACTIVE",
        body={"id": okta_id, "label": label},
        digest="0" * 64,
    )


@pytest.fixture
def live_run(acme: Tenant, operator: User) -> Run:
    return Run.objects.create(
        tenant=acme,
        kind=RunKind.SYNC,
        trigger=Trigger.OPERATOR,
        asked_by=operator,
        state=RunState.RUNNING,
        started_at=timezone.now(),
        done_count=31,
        total_count=74,
        activity="Reading policy rules",
    )

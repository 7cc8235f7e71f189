"""Tenants for a benchmark, and runs for all of them at once."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from tenants.broker.sealing import secret_seal
from tenants.choices import (
    LIVE_RUN_STATES,
    CredentialState,
    RunKind,
    RunState,
    TenantState,
)
from tenants.models import Credential, Job, Run, Tenant
from tenants.runs import dispatch
from tenants.runs.schedule import installation_every_s
from tenants.sandbox.control import Control
from tenants.vault.secret import Secret


def seed(count: int, okta: Control | None = None) -> None:
    """Connected tenants, each with a small org of its own if there is an Okta."""
    with transaction.atomic():
        for number in range(count):
            host = f"tenant-{number}.okta.com"
            tenant = Tenant.objects.create(
                name=host, host=host, state=TenantState.CONNECTED, connected_at=timezone.now()
            )
            every_s = installation_every_s(RunKind.SYNC)
            later = timezone.now() + timedelta(seconds=every_s)
            Job.objects.create(tenant=tenant, kind=RunKind.SYNC, every_s=every_s, next_run_at=later)
            if okta:
                _connect(tenant, okta.do(host, "add_org", apps=3, authorization_servers=0))


def queue_all() -> None:
    """Have one run queued for each tenant, and the first of them rung for, as a tick does it."""
    Job.objects.update(next_run_at=timezone.now() - timedelta(minutes=1))
    dispatch.tick()


def are_done() -> bool:
    """Each tenant's run has ended. Beat's tick may still be about to commit some of them."""
    live = Run.objects.filter(state__in=LIVE_RUN_STATES)
    return Run.objects.count() >= Tenant.objects.count() and not live.exists()


def unsuccessful() -> int:
    return Run.objects.exclude(state=RunState.SUCCEEDED).count()


def _connect(tenant: Tenant, org: dict[str, str]) -> None:
    credential = Credential.objects.create(
        tenant=tenant,
        state=CredentialState.ACTIVE,
        host=tenant.host,
        org_id=org["org_id"],
        client_id=org["client_id"],
        proven_at=timezone.now(),
    )
    secret_seal(credential, Secret(org["client_secret"])).save()

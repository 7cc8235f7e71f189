"""What the operator's list shows of a tenant, kept ready so that 10,000 rows cost one read."""

import uuid
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Count, F, Min, OuterRef, Q, Subquery

from tenants.choices import (
    ENDED_RUN_STATES,
    STANDING_KINDS,
    CredentialState,
    FindingState,
    RunKind,
    RunState,
    Severity,
    TenantState,
)
from tenants.models.credentials import Credential
from tenants.models.findings import Finding
from tenants.models.inventory import Coverage, Resource
from tenants.models.runs import Job, Run
from tenants.models.tenants import Tenant


class TenantSummaryManager(models.Manager["TenantSummary"]):
    def refresh(self, tenant: Tenant) -> None:
        """Recompute one tenant's row, in the transaction of whatever changed it."""
        tenant.refresh_from_db(fields=["state"])  # it may have been paused meanwhile
        facts = {**_run_facts(tenant), **_finding_facts(tenant), **_inventory_facts(tenant)}
        # All but the first time the row is there, and needs no more than to be written.
        if not self.filter(tenant=tenant).update(**facts):
            self.update_or_create(tenant=tenant, defaults=facts)

    def replanned(self, tenant_ids: list[uuid.UUID], kind: str, interval: timedelta) -> None:
        """Tell these tenants' rows that their jobs of ``kind`` have a new interval and slot."""
        rows = self.filter(tenant__in=tenant_ids)
        jobs = Job.objects.filter(tenant=OuterRef("tenant_id"), enabled=True)
        next_of = jobs.order_by("next_run_at").values("next_run_at")[:1]
        on_schedule = rows.filter(next_run_at__isnull=False)
        on_schedule.update(next_run_at=Subquery(next_of))
        if kind == RunKind.SYNC:
            rows.filter(synced_at__isnull=False).update(stale_at=F("synced_at") + 2 * interval)


class TenantSummary(models.Model):
    tenant = models.OneToOneField(
        Tenant, primary_key=True, on_delete=models.CASCADE, related_name="summary"
    )
    apps_count = models.PositiveIntegerField(default=0)
    authorization_servers_count = models.PositiveIntegerField(default=0)
    resources_count = models.PositiveIntegerField(default=0)
    critical_count = models.PositiveIntegerField(default=0)
    high_count = models.PositiveIntegerField(default=0)
    medium_count = models.PositiveIntegerField(default=0)
    low_count = models.PositiveIntegerField(default=0)
    #: The oldest of the kinds' last complete listings: how old the mirror is.
    synced_at = models.DateTimeField(null=True)
    audited_at = models.DateTimeField(null=True)
    #: After this moment the mirror counts as stale (two intervals without a complete sync).
    stale_at = models.DateTimeField(null=True, db_index=True)
    next_run_at = models.DateTimeField(null=True)
    last_run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    last_run_state = models.CharField(max_length=10, blank=True)
    last_error_code = models.CharField(max_length=40, blank=True)
    secret_since = models.DateTimeField(null=True)

    objects = TenantSummaryManager()

    def __str__(self) -> str:
        return f"summary of {self.tenant_id}"


def _run_facts(tenant: Tenant) -> dict[str, Any]:
    runs = Run.objects.for_tenant(tenant)
    last = runs.filter(state__in=ENDED_RUN_STATES).order_by("-ended_at").first()
    audit = runs.filter(kind=RunKind.AUDIT, state=RunState.SUCCEEDED).order_by("-ended_at").first()
    jobs = Job.objects.for_tenant(tenant).filter(enabled=True, kind__in=STANDING_KINDS)
    on_schedule = tenant.state == TenantState.CONNECTED
    return {
        "last_run": last,
        "last_run_state": last.state if last else "",
        "last_error_code": last.error_code if last else "",
        "audited_at": audit.ended_at if audit else None,
        "next_run_at": jobs.aggregate(at=Min("next_run_at"))["at"] if on_schedule else None,
    }


def _finding_facts(tenant: Tenant) -> dict[str, int]:
    findings = Finding.objects.for_tenant(tenant).filter(state=FindingState.OPEN)
    return findings.aggregate(
        **{
            f"{severity}_count": Count("pk", filter=Q(severity=severity))
            for severity in Severity.values
        }
    )


def _inventory_facts(tenant: Tenant) -> dict[str, Any]:
    live = Resource.objects.for_tenant(tenant).filter(removed_at=None)
    counts = live.aggregate(
        # Not "pk": the index holds all that is asked for here, and no row is read.
        resources_count=Count("kind"),
        apps_count=Count("kind", filter=Q(kind="app")),
        authorization_servers_count=Count("kind", filter=Q(kind="authorization_server")),
    )
    synced_at = Coverage.objects.for_tenant(tenant).aggregate(at=Min("complete_at"))["at"]
    return {**counts, "synced_at": synced_at, **_ages(tenant, synced_at)}


def _ages(tenant: Tenant, synced_at: Any) -> dict[str, Any]:
    job = Job.objects.for_tenant(tenant).filter(kind=RunKind.SYNC).first()
    credential = Credential.objects.for_tenant(tenant).filter(state=CredentialState.ACTIVE).first()
    base = synced_at or (credential.proven_at if credential else None)
    return {
        "stale_at": base + 2 * job.interval if base and job else None,
        "secret_since": credential.created_at if credential else None,
    }

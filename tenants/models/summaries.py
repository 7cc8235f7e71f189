"""What the operator's list shows of a tenant, kept ready so that 10,000 rows cost one read."""

import uuid
from datetime import timedelta
from functools import cache
from typing import Any

from django.db import models
from django.db.models import Count, F, OuterRef, QuerySet, Subquery

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
        facts = {**_plain_facts(tenant), **_last_run(tenant), **_finding_counts(tenant)}
        facts |= _resource_counts(tenant)
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


def _plain_facts(tenant: Tenant) -> dict[str, Any]:
    found = _with_facts().get(pk=tenant.pk)
    tenant.state = found["state"]  # it may have been paused meanwhile
    base = found["synced"] or found["proven"]
    every_s = found["sync_every_s"]
    return {
        "synced_at": found["synced"],
        "audited_at": found["audited"],
        "stale_at": base + timedelta(seconds=2 * every_s) if base and every_s else None,
        "next_run_at": found["next_run"] if tenant.state == TenantState.CONNECTED else None,
        "secret_since": found["secret_since"],
    }


@cache
def _with_facts() -> "QuerySet[Tenant, Any]":
    """Put together once: to put it together costs more than to ask. Never evaluated itself."""
    here = {"tenant": OuterRef("pk")}
    audits = Run.objects.filter(**here, kind=RunKind.AUDIT, state=RunState.SUCCEEDED)
    standing = Job.objects.filter(**here, enabled=True, kind__in=STANDING_KINDS)
    listings = Coverage.objects.filter(**here, complete_at__isnull=False)
    sync = Job.objects.filter(**here, kind=RunKind.SYNC)
    active = Credential.objects.filter(**here, state=CredentialState.ACTIVE)
    return Tenant.objects.values(
        "state",
        audited=_first(audits.order_by("-ended_at"), "ended_at"),
        next_run=_first(standing.order_by("next_run_at"), "next_run_at"),
        synced=_first(listings.order_by("complete_at"), "complete_at"),
        sync_every_s=_first(sync, "every_s"),
        proven=_first(active, "proven_at"),
        secret_since=_first(active, "created_at"),
    )


def _first(rows: "QuerySet[Any]", column: str) -> Subquery:
    return Subquery(rows.values(column)[:1])


def _last_run(tenant: Tenant) -> dict[str, Any]:
    ended = Run.objects.for_tenant(tenant).filter(state__in=ENDED_RUN_STATES)
    last = ended.order_by("-ended_at").values_list("pk", "state", "error_code").first()
    run_id, state, error_code = last or (None, "", "")
    return {"last_run_id": run_id, "last_run_state": state, "last_error_code": error_code}


def _finding_counts(tenant: Tenant) -> dict[str, int]:
    findings = Finding.objects.for_tenant(tenant).filter(state=FindingState.OPEN)
    counts = _counts(findings, "severity")
    return {f"{severity}_count": counts.get(severity, 0) for severity in Severity.values}


def _resource_counts(tenant: Tenant) -> dict[str, int]:
    counts = _counts(Resource.objects.for_tenant(tenant).filter(removed_at=None), "kind")
    return {
        "resources_count": sum(counts.values()),
        "apps_count": counts.get("app", 0),
        "authorization_servers_count": counts.get("authorization_server", 0),
    }


def _counts(rows: "QuerySet[Any]", column: str) -> dict[str, int]:
    """By ``column``. Not of "pk": the index holds all that is asked for, and no row is read."""
    return dict(rows.order_by().values_list(column).annotate(rows=Count(column)))

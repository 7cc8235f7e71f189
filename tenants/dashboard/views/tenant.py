"""The pages of one tenant."""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from tenants.actions.switches import switch_of
from tenants.audit.rules import RULES
from tenants.choices import TenantState
from tenants.connections.uses import token_uses
from tenants.dashboard.access import OperatorRequest, watch
from tenants.dashboard.forms import FindingFilters, ResourceFilters, TenantRunFilters
from tenants.dashboard.paging import keyset_page
from tenants.dashboard.selectors import findings, inventory, tenants
from tenants.dashboard.selectors.fleet import fleet
from tenants.dashboard.selectors.runs import runs_page
from tenants.inventory.kinds import KINDS
from tenants.models import Resource, Run, Tenant

FIRST_KIND = "app"
USES_SHOWN = 20


def tenant_page(request: OperatorRequest, tenant: Tenant, tab: str, **context: Any) -> HttpResponse:
    # Of a deleted tenant nothing can be asked but to have it back.
    may_act = request.user.may_act and tenant.state != TenantState.DELETED
    context |= {"section": "fleet", "tab": tab, "tenant": tenant, "may_act": may_act}
    return render(request, f"dashboard/tenant/{tab}.html", context)


@watch
def overview(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(fleet(), pk=tenant_id)
    return tenant_page(
        request,
        tenant,
        "overview",
        explanation=tenants.explanation(tenant),
        unsettled=tenants.unsettled_changes(tenant),
        kinds=tenants.kind_rows(tenant),
        severities=findings.severity_counts(tenant),
        jobs=tenants.standing_jobs(tenant),
        live_runs=tenants.live_runs(tenant),
        recent_runs=tenants.recent_runs(tenant),
        emptying=tenants.emptying(tenant),
    )


@watch
def resource_list(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(fleet(), pk=tenant_id)
    filters = ResourceFilters({"kind": FIRST_KIND, **request.GET.dict()})
    wanted = filters.wanted
    kind = wanted["kind"] if wanted.get("kind") in KINDS else FIRST_KIND
    return tenant_page(
        request,
        tenant,
        "inventory",
        filters=filters,
        kind=KINDS[kind],
        kinds=tenants.kind_rows(tenant),
        page=inventory.resources_page(tenant, kind, wanted, request.GET),
    )


@watch
def resource(
    request: OperatorRequest, tenant_id: uuid.UUID, resource_id: uuid.UUID
) -> HttpResponse:
    tenant = get_object_or_404(fleet(), pk=tenant_id)
    found = get_object_or_404(Resource.objects.for_tenant(tenant), pk=resource_id)
    return tenant_page(
        request,
        tenant,
        "resource",
        resource=found,
        kind=KINDS.get(found.kind),
        relations=inventory.relations(found),
        switch=switch_of(found),
    )


@watch
def changes(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(fleet(), pk=tenant_id)
    page = inventory.changes_page(tenant, request.GET)
    return tenant_page(request, tenant, "changes", page=page)


@watch
def finding_list(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(fleet(), pk=tenant_id)
    filters = FindingFilters(request.GET)
    return tenant_page(
        request,
        tenant,
        "findings",
        filters=filters,
        severities=findings.severity_counts(tenant),
        verdicts=findings.verdict_rows(tenant),
        rule=RULES.get(filters.wanted.get("rule", "")),
        rules=RULES,
        page=findings.findings_page(tenant, filters.wanted, request.GET),
    )


@watch
def run_list(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(fleet(), pk=tenant_id)
    filters = TenantRunFilters(request.GET)
    page = runs_page(Run.objects.for_tenant(tenant), filters.wanted, request.GET)
    return tenant_page(request, tenant, "runs", filters=filters, page=page)


@watch
def connection(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(fleet(), pk=tenant_id)
    uses = keyset_page(
        token_uses(tenant), ("-hour", "-last_at", "-id"), request.GET, size=USES_SHOWN
    )
    return tenant_page(
        request,
        tenant,
        "connection",
        connection=tenants.connection(tenant),
        page=uses,
        rotate_days=settings.ROTATE_SECRET_DAYS,
        grace_hours=settings.ROTATION_GRACE_HOURS,
    )


@watch
def activity(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(fleet(), pk=tenant_id)
    page = tenants.activity_page(tenant, request.GET)
    return tenant_page(request, tenant, "activity", page=page, actions=tenants.ACTIONS)

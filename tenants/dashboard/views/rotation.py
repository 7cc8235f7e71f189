"""Having a tenant's secret replaced by the service itself: the switch, and at once."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from tenants.connections.rotation_orders import rotation_now, rotation_switch
from tenants.dashboard.access import OperatorRequest, act
from tenants.dashboard.views.steering import attempt, to_run
from tenants.models import Tenant


@act
@require_POST
def switch_on(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    return _switch(request, tenant_id, "Switched on. The secret is replaced when it is old.", True)


@act
@require_POST
def switch_off(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    return _switch(request, tenant_id, "Switched off. What has begun is brought to its end.", False)


@act
@require_POST
def now(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(Tenant, pk=tenant_id)
    done = "The secret is being replaced."
    return to_run(attempt(request, done, rotation_now, tenant=tenant, actor=request.user), tenant)


def _switch(request: OperatorRequest, tenant_id: uuid.UUID, done: str, on: bool) -> HttpResponse:
    tenant = get_object_or_404(Tenant, pk=tenant_id)
    attempt(request, done, rotation_switch, tenant=tenant, on=on, actor=request.user)
    return redirect("dashboard:tenant_connection", tenant_id=tenant.pk)

"""Ending a tenant's connection, deleting the tenant, and taking the deletion back."""

import uuid

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from tenants.connections.leaving import tenant_delete, tenant_disconnect, tenant_restore
from tenants.dashboard.access import OperatorRequest, act
from tenants.dashboard.forms import ConfirmForm
from tenants.dashboard.views.steering import attempt, confirm, require_confirmation
from tenants.models import Tenant


@act
@require_confirmation
def disconnect(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(Tenant, pk=tenant_id)
    form = ConfirmForm(request.POST or None, expected=tenant.name)
    if not form.is_valid():
        return confirm(request, tenant, form, "disconnect")
    done = "Disconnected. The secret and everything that was read are being deleted."
    attempt(request, done, tenant_disconnect, tenant=tenant, actor=request.user)
    return redirect("dashboard:tenant", tenant_id=tenant.pk)


@act
@require_confirmation
def delete(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(Tenant, pk=tenant_id)
    form = ConfirmForm(request.POST or None, expected=tenant.name)
    days = settings.DELETION_GRACE_DAYS
    if not form.is_valid():
        title = f"Delete this tenant, and forget it after {days} days?"
        return confirm(request, tenant, form, "delete", title=title)
    done = f"Deleted. Until it is forgotten in {days} days you can restore it."
    attempt(request, done, tenant_delete, tenant=tenant, actor=request.user)
    return redirect("dashboard:tenant", tenant_id=tenant.pk)


@act
@require_POST
def restore(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(Tenant, pk=tenant_id)
    done = "Restored. What was connected is paused: resume it when you are ready."
    attempt(request, done, tenant_restore, tenant=tenant, actor=request.user)
    return redirect("dashboard:tenant", tenant_id=tenant.pk)

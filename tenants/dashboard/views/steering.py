"""What operators can do to a tenant. Each act is a POST that ends with a message and a page."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from tenants.choices import RunKind, TenantState
from tenants.connections import control
from tenants.connections.control import run_now, tenant_pause, tenant_resume
from tenants.connections.invitations import setup_link_revoke
from tenants.dashboard.access import OperatorRequest, act
from tenants.dashboard.forms import ConfirmForm, IntervalForm, KindForm
from tenants.errors import ServiceError
from tenants.models import Job, Tenant
from tenants.runs.schedule import installation_every_s

require_confirmation = require_http_methods(["GET", "HEAD", "POST"])


def attempt(request: HttpRequest, done: str, service: Callable[..., Any], **asked: Any) -> Any:
    """Call a service and tell how it went; a refusal of the domain is a message, not an error.

    Returns:
        What the service returned, or None where it refused.
    """
    try:
        result = service(**asked)
    except ServiceError as refusal:
        messages.error(request, str(refusal))
        return None
    messages.success(request, done)
    return result


@act
@require_POST
def run(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(Tenant, pk=tenant_id)
    form = KindForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Only a sync or an audit can be started here.")
        return redirect("dashboard:tenant", tenant_id=tenant.pk)
    kind = RunKind(form.cleaned_data["kind"])
    queued = attempt(
        request, f"{kind.label} queued.", run_now, tenant=tenant, kind=kind, actor=request.user
    )
    return to_run(queued, tenant)


@act
@require_POST
def pause(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(Tenant, pk=tenant_id)
    if tenant.state == TenantState.PAUSED:  # by a second click, in another tab, by the customer
        messages.info(request, "It is paused already.")
    else:
        done = "Paused. Nothing more is read until you resume; the mirror stays as it is."
        attempt(request, done, tenant_pause, tenant=tenant, actor=request.user)
    return redirect("dashboard:tenant", tenant_id=tenant.pk)


@act
@require_POST
def resume(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(Tenant, pk=tenant_id)
    done = "Resumed. The next runs start as planned."
    attempt(request, done, tenant_resume, tenant=tenant, actor=request.user)
    return redirect("dashboard:tenant", tenant_id=tenant.pk)


@act
@require_POST
def job_pause(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    done = "Job paused. Nothing is queued for it until you resume it."
    return _switch(request, tenant_id, done, control.job_pause)


@act
@require_POST
def job_resume(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    return _switch(request, tenant_id, "Job resumed.", control.job_resume)


@act
@require_confirmation
def job_interval(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(Tenant, pk=tenant_id)
    asked = KindForm(request.GET)
    kind = RunKind(asked.cleaned_data["kind"]) if asked.is_valid() else None
    job = Job.objects.for_tenant(tenant).filter(kind=kind).first()
    if kind is None or job is None:
        messages.error(request, "This tenant has no such standing job.")
        return redirect("dashboard:tenant", tenant_id=tenant.pk)
    usual_s = installation_every_s(kind)
    form = IntervalForm(
        request.POST if request.method == "POST" else None, job=job, usual_s=usual_s
    )
    if not form.is_valid():
        context = {"section": "fleet", "tenant": tenant, "job": job, "form": form}
        status = 422 if form.is_bound else 200
        return render(request, "dashboard/confirm/job_interval.html", context, status=status)
    attempt(
        request,
        "The new interval holds within a few ticks.",
        control.job_set_pace,
        tenant=tenant,
        kind=kind,
        every_s=form.cleaned_data["every"],
        actor=request.user,
    )
    return redirect("dashboard:tenant", tenant_id=tenant.pk)


@act
@require_confirmation
def accept_removals(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(Tenant, pk=tenant_id)
    form = ConfirmForm(request.POST or None, expected=tenant.name)
    if not form.is_valid():
        return confirm(request, tenant, form, "accept_removals")
    queued = attempt(
        request,
        "Sync queued. What Okta no longer lists will be marked as removed.",
        run_now,
        tenant=tenant,
        kind=RunKind.SYNC,
        actor=request.user,
        accept_removals=True,
    )
    return to_run(queued, tenant)


@act
@require_confirmation
def link_revoke(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(Tenant, pk=tenant_id)
    form = ConfirmForm(request.POST or None, expected=tenant.name)
    if not form.is_valid():
        return confirm(request, tenant, form, "link_revoke")
    done = "Setup link revoked. It opens nothing any more."
    attempt(request, done, setup_link_revoke, tenant=tenant, actor=request.user)
    return redirect("dashboard:tenant_connection", tenant_id=tenant.pk)


def _switch(
    request: OperatorRequest, tenant_id: uuid.UUID, done: str, service: Callable[..., Any]
) -> HttpResponse:
    tenant = get_object_or_404(Tenant, pk=tenant_id)
    form = KindForm(request.POST)
    if form.is_valid():
        kind = RunKind(form.cleaned_data["kind"])
        attempt(request, done, service, tenant=tenant, kind=kind, actor=request.user)
    else:
        messages.error(request, "Only a sync or an audit is a standing job.")
    return redirect("dashboard:tenant", tenant_id=tenant.pk)


def to_run(queued: Any, tenant: Tenant) -> HttpResponse:
    """The page of the run that was queued; of the tenant where that was refused."""
    if queued is None:
        return redirect("dashboard:tenant", tenant_id=tenant.pk)
    return redirect("dashboard:run", run_id=queued.pk)


def confirm(
    request: OperatorRequest, tenant: Tenant, form: ConfirmForm, question: str, **context: Any
) -> HttpResponse:
    """The page that asks before a dangerous act."""
    context |= {"section": "fleet", "tenant": tenant, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, f"dashboard/confirm/{question}.html", context, status=status)

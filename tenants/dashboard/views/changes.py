"""Changing a customer's org, and settling what nobody but a human can tell."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from tenants.actions.asking import actions_apply
from tenants.actions.settling import Settlement, intent_settle
from tenants.actions.switches import switch_of
from tenants.dashboard.access import OperatorRequest, act
from tenants.dashboard.forms import SettleForm, SwitchForm
from tenants.dashboard.views.steering import attempt, require_confirmation
from tenants.models import Intent, Resource, Tenant

_SETTLED = {
    Settlement.HAPPENED: "Settled: it was made.",
    Settlement.AGAIN: "Queued once more, as a run of its own.",
    Settlement.LEFT: "Settled: left as it is.",
}


@act
@require_confirmation
def switch(request: OperatorRequest, tenant_id: uuid.UUID, resource_id: uuid.UUID) -> HttpResponse:
    """Activate or deactivate one app or authorization server in Okta."""
    tenant = get_object_or_404(Tenant, pk=tenant_id)
    resource = get_object_or_404(Resource.objects.for_tenant(tenant), pk=resource_id)
    found = switch_of(resource)
    if found is None:
        raise Http404
    if request.method == "POST" and request.POST.get("after") != found.after:
        messages.error(request, f"Okta shows it as {resource.status} by now. Look again.")
        return redirect("dashboard:tenant_resource", tenant_id=tenant.pk, resource_id=resource.pk)
    form = SwitchForm(
        request.POST or None,
        expected=tenant.name,
        initial={"once": uuid.uuid4(), "after": found.after},
    )
    if not form.is_valid():
        context = {"section": "fleet", "tenant": tenant, "switch": found, "form": form}
        status = 422 if form.is_bound else 200
        return render(request, "dashboard/confirm/switch.html", context, status=status)
    run = attempt(
        request,
        "Queued. A worker makes the change now.",
        actions_apply,
        tenant=tenant,
        actor=request.user,
        wanted=[found.change],
        once=form.cleaned_data["once"],
    )
    if run is None:
        return redirect("dashboard:tenant_resource", tenant_id=tenant.pk, resource_id=resource.pk)
    return redirect("dashboard:run", run_id=run.pk)


@act
@require_POST
def settle(request: OperatorRequest, run_id: uuid.UUID, intent_id: uuid.UUID) -> HttpResponse:
    intents = Intent.objects.select_related("tenant", "run").filter(run=run_id)
    intent = get_object_or_404(intents, pk=intent_id)
    form = SettleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say whether it was made, is to be sent again, or is to be left.")
        return redirect("dashboard:run", run_id=run_id)
    settlement = Settlement(form.cleaned_data["settlement"])
    again = attempt(
        request,
        _SETTLED[settlement],
        intent_settle,
        intent=intent,
        settlement=settlement,
        actor=request.user,
    )
    return redirect("dashboard:run", run_id=again.pk if again else run_id)

"""The page an operator opens first."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from tenants.choices import Health
from tenants.dashboard.access import OperatorRequest, act, watch
from tenants.dashboard.forms import FleetFilters, PauseFleetForm
from tenants.dashboard.selectors.fleet import fleet_concerns, fleet_page, fleet_tiles
from tenants.dashboard.views.steering import attempt, require_confirmation
from tenants.runs.fleet import fleet_pause, fleet_resume


@watch
def fleet(request: OperatorRequest) -> HttpResponse:
    filters = FleetFilters(request.GET)
    context = {
        "section": "fleet",
        "tiles": fleet_tiles(),
        "concerns": fleet_concerns(),
        "filters": filters,
        "filtered": bool(filters.wanted),
        "page": fleet_page(filters.wanted, request.GET),
        "Health": Health,
    }
    return render(request, "dashboard/fleet.html", context)


@act
@require_confirmation
def pause(request: OperatorRequest) -> HttpResponse:
    form = PauseFleetForm(request.POST or None)
    if not form.is_valid():
        context = {"section": "fleet", "form": form}
        status = 422 if form.is_bound else 200
        return render(request, "dashboard/confirm/fleet_pause.html", context, status=status)
    done = "The fleet is paused. What is running stops within a minute."
    attempt(request, done, fleet_pause, actor=request.user, reason=form.cleaned_data["reason"])
    return redirect("dashboard:fleet")


@act
@require_POST
def resume(request: OperatorRequest) -> HttpResponse:
    attempt(request, "The fleet works again.", fleet_resume, actor=request.user)
    return redirect("dashboard:fleet")

"""The page an operator opens first."""

from django.http import HttpResponse
from django.shortcuts import render

from tenants.choices import Health
from tenants.dashboard.access import OperatorRequest, watch
from tenants.dashboard.forms import FleetFilters
from tenants.dashboard.selectors.fleet import fleet_concerns, fleet_page, fleet_tiles


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

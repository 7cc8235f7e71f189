"""The page that tells whether the machinery runs."""

from django.http import HttpResponse
from django.shortcuts import render

from tenants.dashboard.access import OperatorRequest, watch
from tenants.dashboard.selectors import health as selectors


@watch
def health(request: OperatorRequest) -> HttpResponse:
    context = {"section": "health", "health": selectors.health()}
    return render(request, "dashboard/health.html", context)

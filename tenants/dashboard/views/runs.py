"""Runs of the whole fleet, and one run live."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from tenants.dashboard.access import OperatorRequest, act, watch
from tenants.dashboard.forms import RunFilters
from tenants.dashboard.selectors.runs import run_detail, runs_page
from tenants.dashboard.views.steering import attempt
from tenants.models import Run
from tenants.runs.queue import run_cancel, run_retry


@watch
def run_list(request: OperatorRequest) -> HttpResponse:
    filters = RunFilters(request.GET)
    context = {
        "section": "runs",
        "filters": filters,
        "filtered": bool(filters.wanted),
        "page": runs_page(Run.objects.all(), filters.wanted, request.GET),
    }
    return render(request, "dashboard/runs.html", context)


@watch
def run(request: OperatorRequest, run_id: uuid.UUID) -> HttpResponse:
    detail = run_detail(_get(run_id))
    context = {"section": "runs", "detail": detail, "may_act": request.user.may_act}
    return render(request, "dashboard/run.html", context)


@watch
def run_live(request: OperatorRequest, run_id: uuid.UUID) -> HttpResponse:
    """The part of a live run's page that renews itself; the end loads the page anew, once."""
    found = _get(run_id)
    if not found.is_live:
        return HttpResponseClientRefresh()
    return render(request, "dashboard/parts/run.html", {"detail": run_detail(found)})


@act
@require_POST
def retry(request: OperatorRequest, run_id: uuid.UUID) -> HttpResponse:
    found = _get(run_id)
    again = attempt(request, "Queued again.", run_retry, run=found, actor=request.user)
    return redirect("dashboard:run", run_id=(again or found).pk)


@act
@require_POST
def cancel(request: OperatorRequest, run_id: uuid.UUID) -> HttpResponse:
    found = _get(run_id)
    done = "Cancelling. A run under way stops after its current page."
    attempt(request, done, run_cancel, run=found, actor=request.user)
    return redirect("dashboard:run", run_id=found.pk)


def _get(run_id: uuid.UUID) -> Run:
    return get_object_or_404(Run.objects.select_related("tenant", "asked_by"), pk=run_id)

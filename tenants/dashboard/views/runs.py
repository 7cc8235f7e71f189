"""Runs of the whole fleet, and one run live."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from tenants.choices import RunState
from tenants.dashboard.access import OperatorRequest, act, watch
from tenants.dashboard.forms import RunFilters
from tenants.dashboard.selectors.runs import (
    RETRYABLE_STATES,
    retryable,
    run_detail,
    runs_page,
)
from tenants.dashboard.views.steering import attempt, require_confirmation
from tenants.errors import ServiceError
from tenants.models import Run
from tenants.runs.cancelling import AFTER_CANCELLING
from tenants.runs.queue import run_cancel, run_retry, runs_retry
from tenants.runs.workers import Liveness

#: One request asks for at most so many; the button is there for the rest.
MOST_RETRIES = 500
FIRST_SHOWN = 10

#: By how it is with the worker that held the run.
CANCELLED: dict[Liveness | None, str] = {
    None: "Cancelled.",
    Liveness.GONE: "Cancelled. Its worker was gone.",
    Liveness.AT_WORK: f"Cancelling. {AFTER_CANCELLING[Liveness.AT_WORK]}",
    Liveness.UNKNOWN: f"Cancelling. {AFTER_CANCELLING[Liveness.UNKNOWN]}",
}


@watch
def run_list(request: OperatorRequest) -> HttpResponse:
    filters = RunFilters(request.GET)
    context = {
        "section": "runs",
        "filters": filters,
        "filtered": bool(filters.wanted),
        "page": runs_page(Run.objects.all(), filters.wanted, request.GET),
        "may_retry": request.user.may_act and filters.wanted.get("state") in RETRYABLE_STATES,
        "retry_url": f"{reverse('dashboard:runs_retry')}?{urlencode(filters.wanted)}",
    }
    return render(request, "dashboard/runs.html", context)


@act
@require_confirmation
def retry_all(request: OperatorRequest) -> HttpResponse:
    """Retry what the filters in the address match, as many as one request should."""
    filters = RunFilters(request.GET)
    found = retryable(Run.objects.all(), filters.wanted)
    if request.method == "POST":
        asked = runs_retry(runs=found[:MOST_RETRIES], actor=request.user)
        told = messages.success if asked else messages.warning  # somebody else was quicker
        told(request, f"{asked} run{'' if asked == 1 else 's'} queued again.")
        return redirect(f"{reverse('dashboard:runs')}?state={RunState.QUEUED}")
    shown = list(found[: MOST_RETRIES + 1])
    context = {
        "section": "runs",
        "count": min(len(shown), MOST_RETRIES),
        "more": len(shown) > MOST_RETRIES,
        "first": shown[:FIRST_SHOWN],
        "back": f"{reverse('dashboard:runs')}?{request.GET.urlencode()}",
    }
    return render(request, "dashboard/confirm/retry_all.html", context)


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
    try:
        worker = run_cancel(run=found, actor=request.user)
    except ServiceError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, CANCELLED[worker])
    return redirect("dashboard:run", run_id=found.pk)


def _get(run_id: uuid.UUID) -> Run:
    return get_object_or_404(Run.objects.select_related("tenant", "asked_by"), pk=run_id)

"""Watching the proof and the first sync while they run."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from tenants.choices import RunKind, RunState
from tenants.connections.credentials import find_active, may_rotate
from tenants.connections.proof import Proof, latest_verify, proof_of
from tenants.connections.uses import token_uses
from tenants.models import Run, SetupLink
from tenants.onboarding.access import link_required
from tenants.onboarding.explained import refusal, standing_trouble
from tenants.onboarding.live import LivePart, live_answer, live_part
from tenants.onboarding.reading import Reading, pace, reading_of
from tenants.onboarding.scopes import in_words

#: After this long in the queue the page says that nobody has started yet.
PICKED_UP_WITHIN = timedelta(seconds=30)


@require_safe
@link_required
def proof(request: HttpRequest, link: SetupLink) -> HttpResponse:
    run = latest_verify(link.tenant)
    if run is None:
        return redirect("onboarding:connect", link_id=link.id)
    context = {"link": link, "part": _proof_part(request, link, proof_of(run))}
    return render(request, "onboarding/proof.html", context)


@require_safe
@link_required
def proof_live(request: HttpRequest, link: SetupLink) -> HttpResponse:
    run = latest_verify(link.tenant)
    if run is None:
        return HttpResponse(status=204)
    shown = proof_of(run)
    if shown.state == "proven":
        return HttpResponseClientRedirect(_url("connected", link))
    return live_answer(request, _proof_part(request, link, shown))


@require_safe
@link_required
def connected(request: HttpRequest, link: SetupLink) -> HttpResponse:
    if link.tenant.connected_at is None:
        return redirect("onboarding:welcome", link_id=link.id)
    part = _reading_part(request, link, reading_of(link.tenant))
    active = find_active(link.tenant)
    context = {
        "link": link,
        "tenant": link.tenant,
        "sync_every": pace(link.tenant, RunKind.SYNC),
        "audit_every": pace(link.tenant, RunKind.AUDIT),
        "secret_since": active.created_at if active else None,
        "may_rotate": active is not None and may_rotate(active),
        "rotate_days": settings.ROTATE_SECRET_DAYS,
        "reminder_days": settings.SECRET_REMINDER_DAYS,
        "part": part,
        "last_use": token_uses(link.tenant).order_by("-last_at").first(),
    }
    return render(request, "onboarding/connected.html", context)


@require_safe
@link_required
def connected_live(request: HttpRequest, link: SetupLink) -> HttpResponse:
    if link.tenant.connected_at is None:
        return _left_meanwhile(request, link)
    part = _reading_part(request, link, reading_of(link.tenant))
    return live_answer(request, part)


def _left_meanwhile(request: HttpRequest, link: SetupLink) -> HttpResponse:
    """For a page that is still open where the connection was ended in another tab."""
    if not request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return HttpResponseClientRedirect(_url("welcome", link))


def _proof_part(request: HttpRequest, link: SetupLink, shown: Proof) -> LivePart:
    run = shown.run
    reason = refusal(run.error_code) if shown.state == "refused" else None
    context = {
        "link": link,
        "tenant": link.tenant,
        "proof": shown,
        "steps": in_words(shown.steps),
        "explanation": reason,
        "is_unclaimed": _is_unclaimed(run),
    }
    return live_part(
        request,
        "onboarding/_proof.html",
        context,
        status=reason.title if reason else run.activity,
        poll_url=_url("proof_live", link) if run.is_live else None,
    )


def _reading_part(request: HttpRequest, link: SetupLink, reading: Reading) -> LivePart:
    trouble = standing_trouble(link.tenant.attention_code or reading.error_code)
    context = {"link": link, "tenant": link.tenant, "reading": reading, "explanation": trouble}
    return live_part(
        request,
        "onboarding/_reading.html",
        context,
        status=reading.status,
        poll_url=_url("connected_live", link) if reading.is_under_way else None,
    )


def _is_unclaimed(run: Run) -> bool:
    """Queued, due, and nobody has come for a while: busy workers, or none."""
    overdue = timezone.now() - PICKED_UP_WITHIN
    return run.state == RunState.QUEUED and run.fence == 0 and run.created_at < overdue


def _url(name: str, link: SetupLink) -> str:
    return reverse(f"onboarding:{name}", kwargs={"link_id": link.id})

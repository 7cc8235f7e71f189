"""What a customer may do to a connection that works: pause it, resume it, have
its secret replaced, end it."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from tenants.connections.control import tenant_pause, tenant_resume
from tenants.connections.leaving import tenant_disconnect
from tenants.connections.rotation_orders import rotation_switch
from tenants.errors import ServiceError
from tenants.models import SetupLink
from tenants.onboarding.access import link_required
from tenants.onboarding.explained import in_their_words
from tenants.onboarding.forms import DisconnectForm

VIA = "setup link"


@require_POST
@link_required
def pause(request: HttpRequest, link: SetupLink) -> HttpResponse:
    done = "Paused. Nothing is read from your org until you resume."
    return _attempt(request, link, tenant_pause, done)


@require_POST
@link_required
def resume(request: HttpRequest, link: SetupLink) -> HttpResponse:
    return _attempt(request, link, tenant_resume, "Resumed. Reading goes on as planned.")


@require_POST
@link_required
def rotation_on(request: HttpRequest, link: SetupLink) -> HttpResponse:
    done = "Switched on. We replace the secret by ourselves before it is old."
    return _attempt(request, link, partial(rotation_switch, on=True), done)


@require_POST
@link_required
def rotation_off(request: HttpRequest, link: SetupLink) -> HttpResponse:
    done = "Switched off. We remind you when the secret is old."
    return _attempt(request, link, partial(rotation_switch, on=False), done)


@require_http_methods(["GET", "HEAD", "POST"])
@link_required
def disconnect(request: HttpRequest, link: SetupLink) -> HttpResponse:
    if link.tenant.connected_at is None:
        return redirect("onboarding:welcome", link_id=link.id)
    form = DisconnectForm(request.POST or None, host=link.tenant.host)
    if form.is_valid():
        return _attempt(request, link, tenant_disconnect, "Disconnected.")
    context = {"link": link, "tenant": link.tenant, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "onboarding/disconnect.html", context, status=status)


def _attempt(
    request: HttpRequest, link: SetupLink, service: Callable[..., object], done: str
) -> HttpResponse:
    """Call a service and tell how it went; a refusal of the domain is a message, not an error."""
    try:
        service(tenant=link.tenant, via=VIA)
        messages.success(request, done)
    except ServiceError as refusal:
        messages.error(request, in_their_words(refusal))
    return redirect("onboarding:connected", link_id=link.id)

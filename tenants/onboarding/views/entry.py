"""Coming in by the setup link, and what to read before typing anything."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from tenants.connections.explanations import explain
from tenants.connections.invitations import setup_link_open
from tenants.connections.proof import latest_verify
from tenants.errors import LinkNotUsable
from tenants.models import SetupLink
from tenants.onboarding.access import hold_link, link_not_usable, link_required
from tenants.onboarding.explained import standing_trouble
from tenants.onboarding.scopes import asked_scopes

#: What may go wrong while connecting, in the order in which the guide explains it.
TROUBLES = (
    "wrong_secret",
    "unknown_client",
    "wrong_host",
    "scope_missing",
    "wrong_app",
    "dpop_required",
    "network_zone",
    "role_too_narrow",
    "org_taken",
    "unavailable",
)


@require_safe
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Trade the token in the address for a place in the session. Opening it never uses it up."""
    try:
        link = setup_link_open(token)
    except LinkNotUsable:
        return link_not_usable(request)
    hold_link(request, link)
    response = redirect("onboarding:welcome", link_id=link.id)
    response["Referrer-Policy"] = "no-referrer"  # this address holds the token
    return response


@require_safe
@link_required
def welcome(request: HttpRequest, link: SetupLink) -> HttpResponse:
    tenant = link.tenant
    verify = latest_verify(tenant)
    context = {
        "link": link,
        "tenant": tenant,
        "scopes": asked_scopes(),
        "is_being_proven": verify is not None and verify.is_live,
        "explanation": standing_trouble(tenant.attention_code) if tenant.connected_at else None,
    }
    return render(request, "onboarding/welcome.html", context)


@require_safe
@link_required
def instructions(request: HttpRequest, link: SetupLink) -> HttpResponse:
    context = {"link": link, "tenant": link.tenant, "scopes": asked_scopes()}
    return render(request, "onboarding/instructions.html", context)


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """The public configuration guide: what OIN reviewers and customers read beforehand."""
    context = {"scopes": asked_scopes(), "troubles": [explain(code) for code in TROUBLES]}
    return render(request, "onboarding/guide.html", context)

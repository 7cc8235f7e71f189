"""What we asked a customer's org for, and when."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from tenants.connections.uses import token_uses
from tenants.dashboard.paging import keyset_page
from tenants.models import SetupLink
from tenants.onboarding.access import link_required


@require_safe
@link_required
def asked(request: HttpRequest, link: SetupLink) -> HttpResponse:
    if link.tenant.connected_at is None:
        return redirect("onboarding:welcome", link_id=link.id)
    page = keyset_page(token_uses(link.tenant), ("-hour", "-last_at", "-id"), request.GET)
    context = {"link": link, "tenant": link.tenant, "page": page, "days": settings.TOKEN_USE_DAYS}
    return render(request, "onboarding/asked.html", context)

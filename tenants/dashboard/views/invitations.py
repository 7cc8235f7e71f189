"""New tenants and setup links. A link is shown in the answer that makes it, and never again."""

import uuid
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from tenants.connections.invitations import setup_link_renew, setup_path, tenant_create
from tenants.dashboard.access import OperatorRequest, act
from tenants.dashboard.forms import TenantForm
from tenants.errors import TenantDeleted, TenantExists
from tenants.models import Tenant


@act
@require_http_methods(["GET", "HEAD", "POST"])
def tenant_new(request: OperatorRequest) -> HttpResponse:
    form = TenantForm(request.POST or None, initial={"once": uuid.uuid4()})
    if not form.is_valid():
        return _form(request, form)
    once = form.cleaned_data.pop("once")
    try:
        tenant, token = tenant_create(**form.cleaned_data, actor=request.user, tenant_id=once)
    except TenantExists as exc:  # by reload or double click; its link cannot be shown again
        messages.warning(request, str(exc))
        return redirect("dashboard:tenant_connection", tenant_id=once)
    return _show_link(request, tenant, token)


@act
@require_POST
def link_renew(request: OperatorRequest, tenant_id: uuid.UUID) -> HttpResponse:
    tenant = get_object_or_404(Tenant, pk=tenant_id)
    try:
        token = setup_link_renew(tenant=tenant, actor=request.user)
    except TenantDeleted as exc:
        messages.error(request, str(exc))
        return redirect("dashboard:tenant", tenant_id=tenant.pk)
    return _show_link(request, tenant, token)


def _form(request: OperatorRequest, form: TenantForm) -> HttpResponse:
    context = {"section": "fleet", "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "dashboard/tenant_new.html", context, status=status)


def _show_link(request: OperatorRequest, tenant: Tenant, token: str) -> HttpResponse:
    # No redirect: it would have to carry the token, of which only the hash may be kept.
    link = settings.PUBLIC_URL + setup_path(token)
    context = {
        "section": "fleet",
        "tenant": tenant,
        "link": link,
        "mailto": _mailto(tenant, link),
        "days": settings.SETUP_LINK_DAYS,
    }
    return render(request, "dashboard/setup_link.html", context)


def _mailto(tenant: Tenant, link: str) -> str:
    """An e-mail ready to be sent by the operator's own mail program."""
    subject = f"Connect your Okta org to {settings.INTEGRATION_NAME}"
    body = (
        f"Hello,\n\nplease open this link to connect {tenant.name}'s Okta org to "
        f"{settings.INTEGRATION_NAME} by {settings.VENDOR_NAME}. It takes about five minutes:\n\n"
        f"{link}\n\nThe link is meant for you alone and works for {settings.SETUP_LINK_DAYS} days. "
        f"Questions? Write to {settings.SUPPORT_EMAIL}.\n"
    )
    query = urlencode({"subject": subject, "body": body}, quote_via=quote)
    return f"mailto:{quote(tenant.contact_email)}?{query}"

"""The form, and the help it gives while it is filled in."""

import logging

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tenants.connections.submissions import connection_submit
from tenants.errors import AlreadyVerifying, ServiceError
from tenants.keys.proof import proven_keyring
from tenants.models import Credential, SetupLink, Tenant
from tenants.onboarding.access import link_required
from tenants.onboarding.forms import ConnectForm
from tenants.onboarding.hints import hint_for
from tenants.onboarding.limits import wait_before_next_s
from tenants.vault.errors import KeyringError, SealUnavailable, VaultError

logger = logging.getLogger(__name__)

#: Seconds after which a browser may ask again while our keys are away.
TRY_AGAIN_S = 30

#: The fields that explain what they understood; the secret is none of them.
HINTED = ("okta_domain", "client_id")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("client_secret")
@link_required
def connect(request: HttpRequest, link: SetupLink) -> HttpResponse:
    if request.method != "POST":
        return _form_page(request, link)
    form = ConnectForm(request.POST)
    if wait_s := wait_before_next_s(link.tenant):
        return _too_often(request, link, form, wait_s)
    if not form.is_valid():
        return _page(request, link, form, status=422)
    return _submit(request, link, form)


@require_POST
@link_required
def check(request: HttpRequest, link: SetupLink) -> HttpResponse:
    """The hint below one field. The page sends that field alone."""
    field = next((name for name in HINTED if name in request.POST), "")
    hint = hint_for(field, request.POST.get(field, ""))
    return render(request, "onboarding/_hint.html", {"hint": hint})


def _form_page(request: HttpRequest, link: SetupLink) -> HttpResponse:
    form = ConnectForm(initial=_known_values(link.tenant))
    try:
        proven_keyring()
    except (KeyringError, SealUnavailable) as refused:
        return _cannot_seal(request, link, ConnectForm({}), refused)
    return _page(request, link, form)


def _submit(request: HttpRequest, link: SetupLink, form: ConnectForm) -> HttpResponse:
    try:
        connection_submit(
            tenant=link.tenant,
            host=form.cleaned_data["okta_domain"],
            client_id=form.cleaned_data["client_id"],
            client_secret=form.cleaned_data["client_secret"],
            via="setup link",
        )
        _mention_what_we_changed(request)
    except AlreadyVerifying as exc:  # a second click or a second tab: show what is under way
        messages.info(request, str(exc))
    except (KeyringError, SealUnavailable) as refused:
        return _cannot_seal(request, link, form, refused)
    except ServiceError as exc:
        form.add_error(None, str(exc))
        return _page(request, link, form, status=409)
    return redirect("onboarding:proof", link_id=link.id)


def _mention_what_we_changed(request: HttpRequest) -> None:
    if note := hint_for("okta_domain", request.POST["okta_domain"]).note:
        messages.info(request, note)


def _cannot_seal(
    request: HttpRequest, link: SetupLink, form: ConnectForm, refused: VaultError
) -> HttpResponse:
    """Better no secret than one that we could not keep safe, or not open again."""
    logger.error("A secret could not be sealed. %s", refused)
    form.errors.clear()
    form.add_error(
        None,
        "We cannot take a secret safely at the moment, and nothing was kept. This is on our side: "
        "try again in a few minutes.",
    )
    response = _page(request, link, form, status=503)
    response["Retry-After"] = str(TRY_AGAIN_S)
    return response


def _too_often(
    request: HttpRequest, link: SetupLink, form: ConnectForm, wait_s: int
) -> HttpResponse:
    minutes = -(-wait_s // 60)
    form.errors.clear()
    form.add_error(
        None,
        f"That was many attempts in a short time. Try again in {minutes} "
        f"minute{'' if minutes == 1 else 's'}. Nothing of this one was kept.",
    )
    response = _page(request, link, form, status=429)
    response["Retry-After"] = str(wait_s)
    return response


def _page(
    request: HttpRequest, link: SetupLink, form: ConnectForm, status: int = 200
) -> HttpResponse:
    hints = {name: hint_for(name, form[name].value() or "") for name in HINTED}
    context = {"link": link, "tenant": link.tenant, "form": form, "hints": hints}
    return render(request, "onboarding/connect.html", context, status=status)


def _known_values(tenant: Tenant) -> dict[str, str]:
    """What was sent last time, except the secret."""
    last = Credential.objects.for_tenant(tenant).order_by("-version").first()
    return {"okta_domain": last.host, "client_id": last.client_id} if last else {}

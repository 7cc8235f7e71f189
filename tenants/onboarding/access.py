"""Who may see a customer's pages: whoever came by the setup link, and nobody else.

The token of a link is used once per browser. From then on the session holds the link's id, so
that no later address, log line or bookmark contains anything that opens a door.
"""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRefresh

from tenants.connections.invitations import setup_link_get
from tenants.errors import LinkNotUsable
from tenants.models import SetupLink

HELD = "setup_links"
#: Enough for somebody who looks after several orgs; a session must not grow without end.
HELD_MAX = 20

LinkView = Callable[[HttpRequest, SetupLink], HttpResponse]
PlainView = Callable[[HttpRequest, UUID], HttpResponse]


def hold_link(request: HttpRequest, link: SetupLink) -> None:
    """Let this browser use the link from now on. Other links it holds stay usable."""
    held = _held(request)
    if str(link.id) not in held:
        request.session.cycle_key()  # a session id planted before must not inherit the link
        request.session[HELD] = [*held, str(link.id)][-HELD_MAX:]


def link_required(view: LinkView) -> PlainView:
    """Hand the view its link, or answer as if the page did not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, link_id: UUID) -> HttpResponse:
        try:
            return view(request, _held_link(request, link_id))
        except LinkNotUsable:
            return link_not_usable(request)

    return guarded


def link_not_usable(request: HttpRequest) -> HttpResponse:
    """The one page for links that are unknown, expired, revoked, or somebody else's."""
    if getattr(request, "htmx", False):  # a page that renews itself: let it load that page whole
        return HttpResponseClientRefresh()
    response = render(request, "onboarding/link_not_usable.html", status=404)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _held_link(request: HttpRequest, link_id: UUID) -> SetupLink:
    if str(link_id) not in _held(request):
        raise LinkNotUsable
    return setup_link_get(link_id)


def _held(request: HttpRequest) -> list[str]:
    return list(request.session.get(HELD, []))

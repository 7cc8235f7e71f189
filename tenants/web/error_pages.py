"""Error pages: what happened, whether anything was lost, and an id to quote."""

import sys

from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tenants.vault.errors import KeyringError, SealUnavailable

#: Seconds after which a load balancer or a program may ask again.
TRY_AGAIN_S = 30
#: The database is away, full, or takes no writes (which is an InternalError in PostgreSQL); or no
#: secret can be sealed at the moment.
_AWAY = (OperationalError, InterfaceError, InternalError, KeyringError, SealUnavailable)


def _page(request: HttpRequest, status: int, name: str = "") -> HttpResponse:
    context = {"status": status, "request_id": getattr(request, "request_id", "")}
    return render(request, f"errors/{name or status}.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """For a POST without this browser's own form token; Django logs ``reason``."""
    return _page(request, 403, "stale_form")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404)


def too_many(request: HttpRequest) -> HttpResponse:
    """For one address that tries to sign in again and again, with whatever names."""
    response = _page(request, 429)
    response["Retry-After"] = str(TRY_AGAIN_S)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls this while it handles the exception. Databases and key files come back."""
    if not isinstance(sys.exception(), _AWAY):
        return _page(request, 500)
    response = _page(request, 503)
    response["Retry-After"] = str(TRY_AGAIN_S)
    return response

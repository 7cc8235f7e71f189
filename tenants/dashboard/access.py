"""Who may see and who may steer. A page without one of these two policies must not exist."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from tenants.models import User


class Policy(StrEnum):
    WATCH = "watch"
    ACT = "act"


class OperatorRequest(HttpRequest):
    """A request after a policy let it through."""

    user: User


View = Callable[..., HttpResponse]


def watch(view: View) -> View:
    """For every operator; reading only."""
    return _guard(require_safe(view), Policy.WATCH)


def act(view: View) -> View:
    """For operators who may steer; viewers are told that they may not."""
    return _guard(view, Policy.ACT)


def _guard(view: View, policy: Policy) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_login(request)
        if not request.user.is_operator:
            raise Http404
        if policy is Policy.ACT and not request.user.may_act:
            raise PermissionDenied
        return view(request, **kwargs)

    guarded.policy = policy  # type: ignore[attr-defined]
    return guarded


def _to_login(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):  # a part of a page must not turn into a sign-in form
        return HttpResponseClientRefresh()
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    messages.warning(request, "You were signed out, so nothing was changed. Sign in and repeat it.")
    return redirect_to_login("/")

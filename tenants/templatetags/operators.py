"""Template filters of the operators' pages: domain rows in words."""

from typing import TYPE_CHECKING

from django import template
from django.utils import timezone

from tenants.choices import RunState
from tenants.connections.explanations import Explanation, explain
from tenants.dashboard.explained import heading_of
from tenants.dashboard.selectors.fleet import concern
from tenants.inventory.kinds import KINDS
from tenants.models import FleetPause, Run

if TYPE_CHECKING:
    from tenants.dashboard.selectors.fleet import FleetTenant

register = template.Library()


@register.simple_tag
def fleet_pause() -> FleetPause | None:
    """Why nothing runs for anybody; None while everything may."""
    return FleetPause.objects.select_related("actor").first()


@register.filter
def reason(tenant: "FleetTenant") -> str:
    return concern(tenant)


@register.filter
def error_title(code: str) -> str:
    return explain(code).title


@register.filter
def heading(explanation: Explanation) -> str:
    return heading_of(explanation)


@register.filter
def kind_title(name: str) -> str:
    return KINDS[name].title if name in KINDS else name


@register.filter
def kind_plural(name: str) -> str:
    return KINDS[name].plural if name in KINDS else name


@register.filter
def doing(run: Run) -> str:
    """What a live run is at, or what it waits for."""
    idle = "In the queue" if run.state == RunState.QUEUED else "Starting"
    return run.activity or run.waiting_for or idle


@register.filter
def took(run: Run) -> float | None:
    """Seconds from the first claim to the end, or until now; None before the first claim."""
    if run.started_at is None:
        return None
    return ((run.ended_at or timezone.now()) - run.started_at).total_seconds()

"""Letting queued runs be due at once."""

from django.db.models import QuerySet
from django.db.models.functions import Now

from tenants.choices import RunState
from tenants.models import Run


def runs_wake(runs: QuerySet[Run]) -> int:
    """Let those go on that wait for their time; returns how many.

    Runs that somebody else has locked are passed over: they may be waiting for what we hold.
    """
    waiting = runs.filter(state=RunState.QUEUED, not_before__gt=Now())
    free = waiting.select_for_update(skip_locked=True).values_list("pk", flat=True)
    return Run.objects.filter(pk__in=list(free)).update(not_before=Now())

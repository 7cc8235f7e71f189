"""How long ended runs are kept: by age, and so many for each tenant."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from tenants.choices import ENDED_RUN_STATES
from tenants.models import Intent, Run, Tenant

#: At most so many go at once: a tick and the end of a run have other things to do.
BATCH = 200


def forget_old_runs() -> int:
    """Delete the oldest of what ended more than ``RUN_HISTORY_DAYS`` ago; returns how many."""
    before = Now() - timedelta(days=settings.RUN_HISTORY_DAYS)
    old = Run.objects.filter(created_at__lt=before, ended_at__lt=before)
    return _forget(old.order_by("created_at"))


def forget_surplus_runs(tenant: Tenant) -> int:
    """Delete what this tenant has beyond its newest ``RUN_HISTORY_COUNT``; returns how many."""
    newest_first = Run.objects.for_tenant(tenant).order_by("-created_at")
    return _forget(newest_first, keep=settings.RUN_HISTORY_COUNT)


def _forget(runs: "QuerySet[Run]", keep: int = 0) -> int:
    """Delete ended runs, with all that they said, skipping the first ``keep``.

    Not those with a change that a human still has to look into.
    """
    unsettled = Intent.objects.unsettled().filter(run=OuterRef("pk"))
    ended = runs.filter(~Exists(unsettled), state__in=ENDED_RUN_STATES)
    surplus = list(ended.values_list("pk", flat=True)[keep : keep + BATCH])
    if surplus:
        Run.objects.filter(pk__in=surplus).delete()
    return len(surplus)

"""How the engine is doing, in a few queries that stay quick with 10,000 tenants."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from tenants.choices import LIVE_RUN_STATES, RunState, TenantState, Urgency
from tenants.models import Breaker, Job, Run, Tenant
from tenants.runs.leases import claimable

#: A due run is normally taken up within seconds.
QUEUE_LATE_S = 60


@dataclass(frozen=True)
class QueueClass:
    """What of one urgency a worker could take now."""

    urgency: Urgency
    due: int = 0
    oldest_due: datetime | None = None

    @property
    def age_s(self) -> float:
        """Seconds for which the first of them has been due; 0 when nothing waits."""
        return _since(self.oldest_due)

    @property
    def is_late(self) -> bool:
        return self.age_s > QUEUE_LATE_S


@dataclass(frozen=True)
class Breakers:
    """Orgs that are left alone, that are due for a trial, and that failed but are still called."""

    open: int
    half_open: int
    failing: int


def queue_classes() -> list[QueueClass]:
    due = claimable().filter(state=RunState.QUEUED)  # a paused tenant's runs wait for a human
    found = due.order_by().values_list("urgency").annotate(Count("pk"), Min("not_before"))
    of_urgency = {row[0]: row[1:] for row in found}
    return [QueueClass(urgency, *of_urgency.get(urgency, ())) for urgency in Urgency]


def live_runs() -> dict[str, int]:
    """Runs by state, those that have not ended."""
    live = Run.objects.filter(state__in=LIVE_RUN_STATES).order_by().values_list("state")
    none: dict[str, int] = dict.fromkeys(sorted(LIVE_RUN_STATES), 0)
    return none | dict(live.annotate(Count("pk")))


def breakers() -> Breakers:
    found = Breaker.objects.aggregate(
        open=Count("pk", filter=Q(open_until__gt=Now())),
        half_open=Count("pk", filter=Q(open_until__lte=Now())),
        failing=Count("pk", filter=Q(open_until=None)),
    )
    return Breakers(**found)


def shut_off() -> "QuerySet[Breaker]":
    """The breakers that are not closed, those that open soonest first."""
    return Breaker.objects.filter(open_until__isnull=False).order_by("open_until")


def schedule_late_s() -> float:
    """Seconds for which the first of the standing jobs should have been queued."""
    connected = Tenant.objects.filter(pk=OuterRef("tenant_id"), state=TenantState.CONNECTED)
    late = Job.objects.filter(Exists(connected), enabled=True, next_run_at__lte=Now())
    return _since(late.order_by("next_run_at").values_list("next_run_at", flat=True).first())


def _since(at: datetime | None) -> float:
    return max(0.0, (timezone.now() - at).total_seconds()) if at else 0.0

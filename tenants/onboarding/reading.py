"""What has been read of a tenant's org so far, for the customer's eyes."""

from dataclasses import dataclass

from django.db.models import Count

from tenants.choices import RunKind, RunState
from tenants.inventory.kinds import KINDS
from tenants.models import Job, Resource, Run, Tenant
from tenants.runs.schedule import installation_every_s

UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


@dataclass(frozen=True)
class KindCount:
    title: str
    count: int


@dataclass(frozen=True)
class Reading:
    """``run`` is the newest sync, None before the first; ``is_first`` until one has succeeded."""

    run: Run | None
    is_first: bool
    counts: tuple[KindCount, ...]

    @property
    def is_under_way(self) -> bool:
        return self.run.is_live if self.run else True

    @property
    def activity(self) -> str:
        if self.run and self.run.state == RunState.RUNNING:
            return self.run.activity or "Beginning"
        return "Waiting in the queue"

    @property
    def status(self) -> str:
        return "Reading your org" if self.is_under_way else "Reading has ended"

    @property
    def error_code(self) -> str:
        return self.run.error_code if self.run else ""


def reading_of(tenant: Tenant) -> Reading:
    syncs = Run.objects.for_tenant(tenant).filter(kind=RunKind.SYNC)
    newest = syncs.order_by("-created_at").first()
    if newest is None:
        return Reading(None, True, _counts(tenant))
    earlier = syncs.filter(state=RunState.SUCCEEDED).exclude(pk=newest.pk)
    return Reading(newest, not earlier.exists(), _counts(tenant))


def every(seconds: int) -> str:
    """An interval in words: 3600 gives "every hour", 43200 "every 12 hours"."""
    for unit, length in UNITS:
        if seconds >= length:
            count = round(seconds / length)
            return f"every {unit}" if count == 1 else f"every {count} {unit}s"
    return f"every {seconds} seconds"


def pace(tenant: Tenant, kind: RunKind) -> str:
    """How often a standing job of theirs runs, in words: they may have an interval of their own."""
    job = Job.objects.for_tenant(tenant).filter(kind=kind).first()
    return every((job and job.own_every_s) or installation_every_s(kind))


def _counts(tenant: Tenant) -> tuple[KindCount, ...]:
    live = Resource.objects.for_tenant(tenant).filter(removed_at=None)
    found = dict(live.values_list("kind").annotate(Count("pk")))
    return tuple(KindCount(kind.plural, found.get(name, 0)) for name, kind in KINDS.items())

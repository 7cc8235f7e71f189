"""What has been read of a tenant's org so far, for the customer's eyes."""

from dataclasses import dataclass

from django.db.models import Count

from tenants.choices import RunKind, RunState
from tenants.inventory.kinds import KINDS
from tenants.models import Resource, Run, Tenant


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


def reading_of(tenant: Tenant) -> Reading:
    syncs = Run.objects.for_tenant(tenant).filter(kind=RunKind.SYNC)
    newest = syncs.order_by("-created_at").first()
    older = syncs.filter(state=RunState.SUCCEEDED).exclude(pk=newest.pk if newest else None)
    return Reading(newest, not older.exists(), _counts(tenant))


def _counts(tenant: Tenant) -> tuple[KindCount, ...]:
    live = Resource.objects.for_tenant(tenant).filter(removed_at=None)
    found = dict(live.values_list("kind").annotate(Count("pk")))
    return tuple(KindCount(kind.plural, found.get(name, 0)) for name, kind in KINDS.items())

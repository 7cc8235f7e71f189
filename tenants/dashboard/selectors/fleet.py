"""The fleet at a glance, read from the summaries that every change keeps up to date."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import Case, CharField, Count, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils import timezone

from tenants.choices import Health, RunState, TenantState
from tenants.connections.explanations import explain
from tenants.connections.uses import clock_off_s
from tenants.dashboard.paging import Page, keyset_page
from tenants.models import Run, Tenant
from tenants.runs.breakers import FLEET_LEAST, failing_lately, trouble_is_ours
from tenants.runs.leases import claimable
from tenants.runs.status import QUEUE_LATE_S

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class _Health(TypedDict):
        health: str

    FleetTenant = WithAnnotations[Tenant, _Health]

CONCERNS_SHOWN = 6

_LEFT = (TenantState.DISCONNECTED, TenantState.DELETED)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_UNREAD_OF_RUNS = ("checkpoint", "outcome", "params", "error_detail")

ORDERS: dict[str, tuple[str, ...]] = {
    "": ("name", "id"),
    "findings": (
        "-summary__critical_count",
        "-summary__high_count",
        "-summary__medium_count",
        "-summary__low_count",
        "id",
    ),
    "freshness": ("synced_or_never", "id"),
    "secret": ("secret_or_never", "id"),
}


@dataclass(frozen=True)
class Tiles:
    total: int
    connected: int
    attention: int
    stale: int
    recent_runs: int
    recent_failures: int
    #: So many orgs failed lately that it is probably us.
    trouble_is_ours: bool
    #: By how many seconds our clock was ahead of Okta's lately; None while they agree.
    clock_off_s: int | None
    #: When the run that has been due longest became due; None if nothing waits.
    oldest_due: datetime | None

    @property
    def queue_age_s(self) -> float | None:
        return (timezone.now() - self.oldest_due).total_seconds() if self.oldest_due else None

    @property
    def clock_trouble(self) -> str:
        """The clocks' disagreement in words, empty while there is none."""
        if self.clock_off_s is None:
            return ""
        return f"{abs(self.clock_off_s)} s {'ahead of' if self.clock_off_s > 0 else 'behind'}"

    @property
    def queue_is_late(self) -> bool:
        return (self.queue_age_s or 0) > QUEUE_LATE_S


@dataclass(frozen=True)
class Concern:
    tenant: "FleetTenant"
    reason: str


def fleet() -> "QuerySet[FleetTenant]":
    """All tenants with their summary and ``health``."""
    return Tenant.objects.select_related("summary").annotate(health=_health(timezone.now()))


def fleet_page(wanted: dict[str, Any], query: QueryDict) -> Page:
    rows = _filtered(fleet(), wanted).select_related("summary__last_run")
    rows = rows.defer(*(f"summary__last_run__{field}" for field in _UNREAD_OF_RUNS))
    rows = rows.annotate(
        synced_or_never=Coalesce("summary__synced_at", _NEVER),
        secret_or_never=Coalesce("summary__secret_since", _NEVER),
    )
    # A tenant without summary has no findings to sort by, and nulls have no place in a cursor.
    rows = rows.filter(summary__isnull=False)
    return keyset_page(rows, ORDERS[wanted.get("sort", "")], query)


def fleet_tiles() -> Tiles:
    count, failing, off_s = dict.fromkeys(Health, 0), 0, None
    by_health = fleet().order_by().values("health")
    for row in by_health.annotate(
        tenants=Count("pk"),
        failing=Count("breaker", filter=failing_lately()),
        clock_off_s=clock_off_s(),
    ):
        count[Health(row["health"])] = row["tenants"]
        failing += row["failing"]
        off_s = row["clock_off_s"]
    connected = count[Health.OK] + count[Health.STALE] + count[Health.ATTENTION]
    return Tiles(
        total=sum(count.values()),
        connected=connected,
        attention=count[Health.ATTENTION],
        stale=count[Health.STALE],
        **_recent_runs(),
        trouble_is_ours=failing >= FLEET_LEAST and trouble_is_ours(),
        clock_off_s=off_s,
        oldest_due=_oldest_due(),
    )


def tenants_by_health() -> dict[str, int]:
    found = fleet().order_by().values_list("health").annotate(Count("pk"))
    return dict.fromkeys(Health.values, 0) | dict(found)


def fleet_concerns() -> list[Concern]:
    """The first few tenants that a human must do something about, the most urgent first."""
    concerned = fleet().filter(health__in=[Health.ATTENTION, Health.STALE])
    worst_first = concerned.order_by("health", "name")  # "attention" sorts before "stale"
    return [Concern(tenant, concern(tenant)) for tenant in worst_first[:CONCERNS_SHOWN]]


def concern(tenant: "FleetTenant") -> str:
    """Why this tenant needs a human; empty when it does not."""
    if tenant.attention_code:
        return explain(tenant.attention_code).title
    return "No complete sync for two intervals" if tenant.health == Health.STALE else ""


def _health(now: datetime) -> Case:
    fine = Q(state=TenantState.CONNECTED, attention_code="")
    return Case(
        When(state__in=[TenantState.INVITED, TenantState.VERIFYING], then=Value(Health.WAITING)),
        When(state=TenantState.PAUSED, then=Value(Health.PAUSED)),
        When(state__in=_LEFT, then=Value(Health.LEFT)),
        When(~fine, then=Value(Health.ATTENTION)),
        When(summary__stale_at__lt=now, then=Value(Health.STALE)),
        default=Value(Health.OK),
        output_field=CharField(),
    )


def _filtered(rows: "QuerySet[FleetTenant]", wanted: dict[str, Any]) -> "QuerySet[FleetTenant]":
    if "q" in wanted:
        rows = rows.filter(matches(wanted["q"]))
    if "secret" in wanted:
        sent_before = timezone.now() - timedelta(days=int(wanted["secret"]))
        rows = rows.filter(summary__secret_since__lte=sent_before)
    exact = {field: wanted[field] for field in ("health", "state") if field in wanted}
    return rows.filter(**exact)


def matches(text: str) -> Q:
    return Q(name__icontains=text) | Q(host__icontains=text)


def _recent_runs() -> dict[str, int]:
    recent = Run.objects.filter(created_at__gte=timezone.now() - timedelta(hours=1))
    failed = Q(state__in=[RunState.FAILED, RunState.ERRORED])
    return recent.aggregate(recent_runs=Count("pk"), recent_failures=Count("pk", filter=failed))


def _oldest_due() -> datetime | None:
    due = claimable().filter(state=RunState.QUEUED)  # a paused tenant's runs wait for a human
    return due.order_by("not_before").values_list("not_before", flat=True).first()

"""One tenant: what of it is mirrored, what stands to be done, how it is connected."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, QuerySet
from django.http import QueryDict

from tenants.choices import LIVE_RUN_STATES, CredentialState, RunKind
from tenants.connections.credentials import may_rotate
from tenants.connections.explanations import Explanation
from tenants.connections.proof import Proof, proof_of
from tenants.connections.rotation_rows import live_rotation
from tenants.dashboard.explained import explain_to_operator
from tenants.dashboard.paging import Page, keyset_page
from tenants.inventory.kinds import KINDS
from tenants.models import (
    AuditEvent,
    Coverage,
    Credential,
    Intent,
    Job,
    Resource,
    Rotation,
    Run,
    SetupLink,
    Tenant,
)

PROOFS_SHOWN = 10
RUNS_SHOWN = 6

#: Audit actions in words; one that is missing here is shown by its name.
ACTIONS = {
    "tenant.created": "Tenant created",
    "tenant.paused": "Paused",
    "tenant.resumed": "Resumed",
    "tenant.disconnected": "Connection ended",
    "tenant.emptied": "Secrets and everything that was read deleted",
    "tenant.deleted": "Deleted, to be forgotten",
    "tenant.restored": "Restored",
    "tenant.forgetting_hastened": "To be forgotten at once",
    "setup_link.issued": "Setup link issued",
    "setup_link.revoked": "Setup link revoked",
    "connection.submitted": "Client ID and secret sent",
    "connection.proven": "Connection proven",
    "connection.refused": "Connection refused",
    "connection.trouble": "Connection in trouble",
    "connection.recovered": "Connection works again",
    "connection.secret_retired": "Previous secret destroyed",
    "connection.secret_rotated": "Secret replaced by the service itself",
    "connection.secret_restored": "Back to the previous secret",
    "rotation.switched_on": "Replacing the secret by itself switched on",
    "rotation.switched_off": "Replacing the secret by itself switched off",
    "rotation.given_up": "Replacing the secret given up for the customer's own",
    "rotation.stopped": "Replacing the secret by itself stopped",
    "mail.given_up": "A mail could not be delivered",
    "job.paused": "Standing job paused",
    "job.resumed": "Standing job resumed",
    "job.interval_set": "Interval changed",
    "run.queued": "Run asked for",
    "run.hastened": "Waiting run told to go on",
    "run.retried": "Run retried",
    "run.cancelled": "Run cancelled",
    "change.asked": "Changes to the org asked for",
    "change.ended": "Outcome of those changes",
    "change.settled": "Change settled by hand",
    "call.sent": "Call on the org",
    "call.ended": "Outcome of that call",
    "token.asked": "Token asked for by hand",
    "token.ended": "Outcome of that request for a token",
}


@dataclass(frozen=True)
class KindRow:
    """``coverage`` is None for a kind that no sync has looked at yet."""

    name: str
    title: str
    count: int
    coverage: Coverage | None


@dataclass(frozen=True)
class Connection:
    credentials: list[Credential]
    active: Credential | None
    granted: list[str]
    missing: list[str]
    proofs: list[Proof]
    link: SetupLink | None
    may_rotate: bool
    #: Our own exchange of the secret that is under way.
    rotation: Rotation | None


def kind_rows(tenant: Tenant) -> list[KindRow]:
    counts = kind_counts(tenant)
    coverage = {row.kind: row for row in Coverage.objects.for_tenant(tenant)}
    return [
        KindRow(kind.name, kind.plural, counts.get(kind.name, 0), coverage.get(kind.name))
        for kind in KINDS.values()
    ]


def kind_counts(tenant: Tenant) -> dict[str, int]:
    live = Resource.objects.for_tenant(tenant).filter(removed_at=None)
    return dict(live.values_list("kind").annotate(resources=Count("pk")).order_by())


def standing_jobs(tenant: Tenant) -> QuerySet[Job]:
    return Job.objects.for_tenant(tenant).order_by("kind")


def live_runs(tenant: Tenant) -> QuerySet[Run]:
    return Run.objects.for_tenant(tenant).filter(state__in=LIVE_RUN_STATES).order_by("created_at")


def emptying(tenant: Tenant) -> Run | None:
    """The newest run that was to take away what there is of a tenant that has left."""
    runs = Run.objects.for_tenant(tenant).filter(kind=RunKind.DISCONNECT)
    return runs.order_by("-created_at").first()


def recent_runs(tenant: Tenant) -> QuerySet[Run]:
    return Run.objects.for_tenant(tenant).order_by("-created_at")[:RUNS_SHOWN]


def explanation(tenant: Tenant) -> Explanation | None:
    return explain_to_operator(tenant.attention_code) if tenant.attention_code else None


def connection(tenant: Tenant) -> Connection:
    credentials = list(Credential.objects.for_tenant(tenant).order_by("-version"))
    active = next((row for row in credentials if row.state == CredentialState.ACTIVE), None)
    wanted = set(settings.OKTA_SCOPES)
    granted = set(active.scopes_granted.split()) if active else set()
    return Connection(
        credentials=credentials,
        active=active,
        granted=sorted(granted),
        missing=sorted(wanted - granted) if active else [],
        proofs=list(_proofs(tenant)),
        may_rotate=active is not None and may_rotate(active),
        rotation=live_rotation(tenant),
        link=SetupLink.objects.for_tenant(tenant).filter(revoked_at=None).first(),
    )


def unsettled_changes(tenant: Tenant) -> QuerySet[Intent]:
    """What a human has to look into, newest first."""
    return Intent.objects.for_tenant(tenant).unsettled().order_by("-settled_at", "-number")


def activity_page(tenant: Tenant, query: QueryDict) -> Page:
    events = AuditEvent.objects.filter(tenant=tenant).select_related("actor")
    return keyset_page(events, ("-at", "-id"), query)


def _proofs(tenant: Tenant) -> Iterator[Proof]:
    runs = Run.objects.for_tenant(tenant).filter(kind=RunKind.VERIFY).select_related("tenant")
    for run in runs.order_by("-created_at")[:PROOFS_SHOWN]:
        yield proof_of(run)

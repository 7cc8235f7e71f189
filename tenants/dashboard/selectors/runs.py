"""Runs: the list of them, and one of them as far as it has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import QueryDict
from django.utils import timezone

from tenants.audit.rules import RULES
from tenants.choices import RESTLESS_KINDS, RunKind, RunState
from tenants.connections.explanations import Explanation
from tenants.connections.proof import Proof, proof_of
from tenants.connections.trouble import UNSETTLED
from tenants.dashboard.explained import explain_to_operator
from tenants.dashboard.paging import Page, keyset_page
from tenants.dashboard.selectors.fleet import matches
from tenants.inventory.kinds import KINDS
from tenants.models import Breaker, FleetPause, Intent, Resource, Run, RunEvent, Tenant
from tenants.runs.cancelling import AFTER_CANCELLING
from tenants.runs.leases import RESTING_STATES
from tenants.runs.workers import Liveness, liveness

EVENTS_SHOWN = 300
OVERDUE = timedelta(seconds=15)
RETRYABLE_STATES = (RunState.FAILED, RunState.ERRORED, RunState.CANCELLED)


@dataclass(frozen=True)
class ChangeRow:
    """A change, with what the mirror has of its object, or the name of what it makes."""

    intent: Intent
    resource: Resource | None
    name: str


@dataclass(frozen=True)
class RunDetail:
    run: Run
    explanation: Explanation | None
    proof: Proof | None
    #: (title, facts) of each kind of resource a sync read, or of each rule an audit evaluated.
    kinds: list[tuple[str, dict[str, Any]]]
    rules: list[tuple[str, dict[str, Any]]]
    #: How many rows of which table were deleted with a tenant that left.
    deleted: dict[str, int]
    events: QuerySet[RunEvent]
    #: How it is with the worker that holds the run; None when nobody does.
    worker: Liveness | None
    changes: list[ChangeRow]

    @property
    def after_cancelling(self) -> str:
        return AFTER_CANCELLING[self.worker]

    @property
    def is_overdue(self) -> bool:
        """Due for a while, and still no worker has claimed it."""
        due_for = timezone.now() - self.run.not_before
        return self.run.state == RunState.QUEUED and due_for > OVERDUE

    @property
    def left_alone_until(self) -> datetime | None:
        """Until when nobody calls the org, and so no worker claims the run."""
        if self.run.state != RunState.QUEUED or self.run.kind in RESTLESS_KINDS:
            return None
        shut = Breaker.objects.filter(tenant=self.run.tenant_id, open_until__gt=timezone.now())
        return shut.values_list("open_until", flat=True).first()

    @property
    def is_resting(self) -> bool:
        """Queued, and no worker will claim it before its tenant, or the fleet, is resumed."""
        may_rest = self.run.state == RunState.QUEUED and self.run.kind not in RESTLESS_KINDS
        resting = self.run.tenant.state in RESTING_STATES
        return may_rest and (resting or FleetPause.objects.exists())


def runs_page(runs: QuerySet[Run], wanted: dict[str, Any], query: QueryDict) -> Page:
    """A page of ``runs``, which start from a tenant or are all that an operator may see."""
    rows = _matching(runs, wanted).select_related("tenant", "asked_by")
    rows = rows.defer("checkpoint", "outcome", "params")
    return keyset_page(rows, ("-created_at", "-id"), query)


def retryable(runs: QuerySet[Run], wanted: dict[str, Any]) -> QuerySet[Run]:
    """Of the runs that match, those that went wrong and were not followed by another.

    A verification is not among them: its secret is not kept; nor are changes, of which some may
    have been made. Nor is what a paused tenant's run came to, which would only wait for the tenant
    to be resumed.
    """
    newest = Run.objects.filter(tenant=OuterRef("tenant_id"), kind=OuterRef("kind"))
    went_wrong = _matching(runs, wanted).filter(
        state__in=RETRYABLE_STATES, pk=Subquery(newest.order_by("-created_at").values("pk")[:1])
    )
    here = went_wrong.exclude(kind__in=(RunKind.VERIFY, RunKind.APPLY)).exclude(
        tenant__state__in=RESTING_STATES
    )
    return here.select_related("tenant").order_by("created_at")


def _matching(runs: QuerySet[Run], wanted: dict[str, Any]) -> QuerySet[Run]:
    exact = {field: wanted[field] for field in ("state", "kind") if field in wanted}
    rows = runs.filter(**exact)
    if "q" in wanted:
        # A subquery: with a join, each run of a large fleet would be compared with the text.
        rows = rows.filter(tenant__in=Tenant.objects.filter(matches(wanted["q"])).values("pk"))
    return rows


def run_detail(run: Run) -> RunDetail:
    return RunDetail(
        run=run,
        explanation=_explanation(run),
        proof=proof_of(run) if run.kind == RunKind.VERIFY else None,
        kinds=_titled(run.outcome.get("kinds", {}), KINDS, "plural"),
        deleted=run.outcome.get("deleted", {}),
        rules=_titled(run.outcome.get("rules", {}), RULES, "title"),
        events=run.events.order_by("-id")[:EVENTS_SHOWN],
        worker=liveness(run.owner) if run.state == RunState.RUNNING else None,
        changes=_change_rows(run) if run.kind == RunKind.APPLY else [],
    )


def _explanation(run: Run) -> Explanation | None:
    settled = run.error_code == UNSETTLED and not run.intents.unsettled().exists()
    if settled or not run.error_code:
        return None
    return explain_to_operator(run.error_code, of_a_proof=run.kind == RunKind.VERIFY)


def _change_rows(run: Run) -> list[ChangeRow]:
    intents = list(run.intents.defer("known").order_by("number"))
    ids = {id_of for intent in intents for id_of in (*intent.path.values(), intent.okta_id)}
    mirrored = Resource.objects.for_tenant(run.tenant).filter(kind__in=list(KINDS), okta_id__in=ids)
    known = {row.okta_id: row for row in mirrored.defer("body")}
    return [_change_row(intent, known) for intent in intents]


def _change_row(intent: Intent, known: dict[str, Resource]) -> ChangeRow:
    # The innermost id that is known: that of a scope rather than of its server.
    ids = (intent.okta_id, *reversed(intent.path.values()))
    resource = next((known[each] for each in ids if each in known), None)
    body = intent.body if isinstance(intent.body, dict) else {}
    return ChangeRow(intent, resource, str(body.get("label") or body.get("name") or ""))


def _titled(
    facts: dict[str, dict[str, Any]], catalogue: Any, title: str
) -> list[tuple[str, dict[str, Any]]]:
    """Facts by name in the catalogue's words; a name that has left the catalogue stays as it is."""
    return [(getattr(catalogue.get(name), title, name), values) for name, values in facts.items()]

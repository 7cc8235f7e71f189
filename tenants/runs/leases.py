"""Claiming a run and writing as its holder.

A claim is one conditional UPDATE by the database's clock: of any number of workers one wins, on
SQLite and PostgreSQL alike. It raises the fence, and every later write names that fence.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest, Now
from django.db.models.lookups import LessThan

from tenants.choices import RESTLESS_KINDS, RunState, TenantState, Urgency
from tenants.models import FleetPause, Run, Tenant
from tenants.runs import breakers
from tenants.runs.owners import forget_all_but, is_gone, new_mark, this_place

#: Longer than the longest step: three tries of 20 s, each after up to 10 s for our turn, a pause of
#: 10 s and a token request.
LEASE_S = 150
#: What has to be left of a lease for a write to be sent under it: a read's 20 s and a margin.
LEAST_LEFT_S = 25
#: How long a run rests that a worker could not go on with for the want of a database.
GIVEN_BACK_FOR_S = 4
RESTING_STATES = (TenantState.PAUSED, TenantState.DISCONNECTED, TenantState.DELETED)


class LeaseLost(Exception):
    """Somebody else holds this run now. Stop, write nothing, say nothing."""


@dataclass(frozen=True)
class Lease:
    run_id: uuid.UUID
    fence: int
    owner: str = ""

    def update(self, **values: Any) -> None:
        """Write columns of the run, or raise LeaseLost. First statement of its transaction."""
        if not self._held().update(**values):
            raise LeaseLost

    def renew(self, **values: Any) -> bool:
        """As `update`, for another while; False when somebody has asked to cancel the run."""
        values["lease_until"] = Now() + timedelta(seconds=LEASE_S)
        if self._held().filter(cancel_asked_at=None).update(**values):
            return True
        self.update(**values)
        return False

    def _held(self) -> QuerySet[Run]:
        return Run.objects.filter(pk=self.run_id, fence=self.fence, state=RunState.RUNNING)

    def hold(self) -> None:
        """Renew, or raise LeaseLost also where the lease has all but run out by now.

        For the moment before what cannot be fenced: whoever was frozen until then must not go on,
        even if nobody has taken over yet.
        """
        left = Q(lease_until__gte=Now() + timedelta(seconds=LEAST_LEFT_S))
        held = Run.objects.filter(left, pk=self.run_id, fence=self.fence, state=RunState.RUNNING)
        if not held.update(lease_until=Now() + timedelta(seconds=LEASE_S)):
            raise LeaseLost


def claimable() -> QuerySet[Run]:
    """Runs that a worker may take now: due and queued, or left behind by a worker that died.

    Only the run's own columns and an EXISTS stand in the condition: with a join the claim would
    become a subquery, and two workers could both win.
    """
    return _claimable().all()


@cache
def _claimable() -> QuerySet[Run]:
    """Put together once: every claim asks for this, and to put it together costs more than to ask.

    Never evaluated itself, which would keep what it found.
    """
    resting = Tenant.objects.filter(pk=OuterRef("tenant_id"), state__in=RESTING_STATES)
    due = Q(state=RunState.QUEUED, not_before__lte=Now())
    worth_trying = ~Exists(resting) & ~breakers.shut() & ~Exists(FleetPause.objects.all())
    return Run.objects.filter(due | _abandoned()).filter(Q(kind__in=RESTLESS_KINDS) | worth_trying)


def unheld() -> QuerySet[Run]:
    """Live runs that no worker holds, whether they may be taken now or not."""
    return Run.objects.filter(Q(state=RunState.QUEUED) | _abandoned())


def in_work() -> Q:
    """Of runs: a worker holds it."""
    return Q(state=RunState.RUNNING, lease_until__gte=Now())


def _abandoned() -> Q:
    return Q(state=RunState.RUNNING, lease_until__lt=Now())


def free_the_dead() -> int:
    """End the leases of processes of this machine that are gone; returns how many.

    Also those that this process itself could not give back. Those of other machines, and what
    another process here could not give back, run out by themselves.
    """
    held = Run.objects.filter(state=RunState.RUNNING, owner__startswith=f"{this_place()}:")
    rows = list(held.values_list("pk", "fence", "owner"))
    freed = sum(end_lease(pk, fence) for pk, fence, owner in rows if is_gone(owner))
    forget_all_but({owner for _, _, owner in rows})
    return freed


def end_lease(run_id: uuid.UUID, fence: int) -> int:
    """Free the run, if it is still held by this claim; 1 if it was."""
    held = Run.objects.filter(pk=run_id, fence=fence, state=RunState.RUNNING)
    return held.update(lease_until=Now() - timedelta(seconds=1))


def give_back(owner: str, *, blameless: bool) -> int:
    """Queue again what is held under this mark, and could not go on; returns how many runs.

    After a pause: while the database takes no writes, each try costs a call for nothing.
    ``blameless`` when that was not the run's doing, so that the attempt does not count.
    """
    return Run.objects.filter(owner=owner, state=RunState.RUNNING).update(
        state=RunState.QUEUED,
        owner="",
        lease_until=None,
        not_before=Now() + timedelta(seconds=GIVEN_BACK_FOR_S),
        attempts=Greatest(F("attempts") - int(blameless), 0),
    )


def claim(
    run_id: uuid.UUID, owner: str = "", *, kinds: Collection[str] | None = None
) -> Lease | None:
    """Take the run, or return None because it is not there to be taken.

    ``owner`` is the mark to take it under; one who may not learn of the answer keeps it. ``kinds``
    are those that the worker can do: others are for a worker of another version.
    """
    owner = owner or new_mark()
    # A look first: thousands of doorbells for nothing must not queue for the right to write.
    found = _look_at(run_id, kinds)
    if found is None:
        return None
    tenant_id, fence, may_be_a_trial = found
    with transaction.atomic():
        _wait_for_claims_beside(tenant_id)
        if may_be_a_trial:
            taken = _take(run_id, fence, owner) and breakers.let_through(run_id, LEASE_S)
        else:  # nor may it have become one since
            taken = _take(run_id, fence, owner, _is_no_trial())
        if taken:
            return Lease(run_id, fence + 1, owner)
        transaction.set_rollback(True)
    return None


def _look_at(
    run_id: uuid.UUID, kinds: Collection[str] | None
) -> tuple[uuid.UUID, int, bool] | None:
    """Of a run that is there to be taken: its tenant, its fence, and whether its org's breaker has
    been open."""
    runs = claimable() if kinds is None else claimable().filter(kind__in=kinds)
    seen = runs.filter(pk=run_id).annotate(may_be_a_trial=breakers.opened())
    return seen.values_list("tenant_id", "fence", "may_be_a_trial").first()


def _is_no_trial() -> Q:
    return Q(kind__in=RESTLESS_KINDS) | Q(~breakers.opened())


def _take(run_id: uuid.UUID, fence: int, owner: str, also: Q | None = None) -> bool:
    """False also where another has taken it since it was seen with this fence."""
    return bool(
        claimable()
        .filter(also or Q(), _has_room(), pk=run_id, fence=fence)
        .update(
            state=RunState.RUNNING,
            owner=owner,
            lease_until=Now() + timedelta(seconds=LEASE_S),
            started_at=Coalesce("started_at", Now()),
            fence=fence + 1,
            attempts=F("attempts") + 1,
            slice_count=F("slice_count") + 1,
            rung_at=None,
            waiting_for="",
        )
    )


def _has_room() -> Q:
    """Of runs: their tenant has fewer in work than it may. What people wait for always has."""
    beside = Run.objects.filter(in_work(), tenant=OuterRef("tenant_id")).order_by()
    count = Subquery(beside.values("tenant").annotate(runs=Count("pk")).values("runs"))
    few = Q(LessThan(Coalesce(count, 0), settings.TENANT_RUNS_AT_ONCE))
    return Q(urgency=Urgency.INTERACTIVE) | few


def _wait_for_claims_beside(tenant_id: uuid.UUID) -> None:
    """One claim of a tenant's at a time, else two that count at once both find room.

    SQLite has one writer anyway. On PostgreSQL a lock that belongs to no row, because claims would
    get in the way of whoever changes the tenant.
    """
    if connection.vendor == "postgresql":
        key = int.from_bytes(tenant_id.bytes[:8], signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])

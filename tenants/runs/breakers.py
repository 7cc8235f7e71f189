"""Leaving an org alone that does not answer, and noticing when it is back.

After five failures in a row that may pass by themselves the breaker opens: for a minute, then for
twice as long each time, up to an hour, nobody calls the org and no worker takes its runs. Then one
run is let through to try. What a customer waits for at a page is always let through.
"""

import math
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from tenants.choices import RESTLESS_KINDS, RunKind, RunState, TenantState
from tenants.models import AuditEvent, Breaker, Run, Tenant
from tenants.okta.errors import OktaProtocolError, OktaReadOnly, OktaUnavailable
from tenants.runs.waking import runs_wake

TRIP_AFTER = 5
FIRST_OPEN_S = 60.0
LONGEST_OPEN_S = 3600.0
#: What stands in ``Tenant.attention_code`` while an org does not answer.
UNREACHABLE = "unreachable"
#: What stands in ``Run.waiting_for`` of a run that found that.
REST = "the org to answer again"

#: When so many of the orgs that were tried lately do not answer, it is us.
FLEET_SHARE = 0.3
FLEET_LEAST = 3
#: An org counts after so many failures, the last of them not longer ago than this.
FLEET_FAILURES = 3
FLEET_WINDOW = timedelta(minutes=5)
#: What began longer ago is no outage of ours: somebody would have noticed.
FLEET_LONGEST = timedelta(hours=24)
#: Runs that were due so long before they were started tell as well as any other.
LATE_AT_MOST = timedelta(hours=1)
#: Of the runs of one tenant so many are looked at, as a mean.
RUNS_A_TENANT = 4

_random = SystemRandom()


@dataclass(frozen=True)
class Luck:
    """What a failure leads to: for how long the org is left alone, and whether it is all our
    fault."""

    shut_s: float = 0.0
    is_ours: bool = False


def shut() -> Exists:
    """For a queryset of runs: whether their org is to be left alone now."""
    return Exists(Breaker.objects.filter(tenant=OuterRef("tenant_id"), open_until__gt=Now()))


def opened() -> Exists:
    """For a queryset of runs: whether their org's breaker is open, or it is time to try."""
    return Exists(Breaker.objects.filter(tenant=OuterRef("tenant_id"), open_until__isnull=False))


def let_through(run_id: uuid.UUID, trial_s: float) -> bool:
    """Whether a worker may take this run. Of those that come when it is time to try, one may.

    Part of the transaction that takes the run, which is undone when it may not.
    """
    runs = Run.objects.filter(pk=run_id, tenant=OuterRef("pk")).exclude(kind__in=RESTLESS_KINDS)
    here = Breaker.objects.filter(Exists(runs), open_until__isnull=False)
    if not here.exists():
        return True
    over = here.filter(open_until__lte=Now())
    return bool(over.update(open_until=Now() + timedelta(seconds=trial_s)))


def luck_after(run: Run, error: Exception) -> Luck:
    """Count ``error`` if it says that the org, or the way to it, does not work at the moment."""
    about_the_org = isinstance(error, (OktaUnavailable, OktaProtocolError))
    if run.kind == RunKind.VERIFY or not about_the_org or isinstance(error, OktaReadOnly):
        return Luck()
    with transaction.atomic():
        Breaker.objects.get_or_create(tenant=run.tenant, defaults={"failing_since": Now()})
        breaker = Breaker.objects.select_for_update().get(tenant=run.tenant)
        breaker.failures += 1
        is_ours = trouble_is_ours()
        opens = breaker.failures >= TRIP_AFTER and not is_ours
        shut_s = _open(breaker, run) if opens else 0.0
        breaker.save()
    return Luck(shut_s, is_ours)


def forget_failures(run: Run) -> None:
    """The org answered: close its breaker, let its runs go on, and say so if it was open.

    Part of the transaction that keeps what it answered.
    """
    failing = Breaker.objects.filter(tenant=run.tenant)
    if not failing.exists():
        return
    with transaction.atomic():
        breaker = failing.select_for_update().first()
        if breaker is None:
            return
        breaker.delete()
        # Its rest may have been an hour.
        runs_wake(Run.objects.for_tenant(run.tenant).filter(waiting_for=REST))
        unreachable = Tenant.objects.filter(pk=run.tenant_id, attention_code=UNREACHABLE)
        if unreachable.update(attention_code=""):
            run.tenant.attention_code = ""
            _record("connection.recovered", run)


def trouble_is_ours() -> bool:
    """Whether so many orgs stopped answering lately that the fault must be on our side.

    Then no breaker opens and no run uses up its patience: all of them would, for nothing. Orgs are
    tried one after the other, some a day later than others, so those count that were tried since
    the latest few began to fail: in an outage of ours not one of them answers.
    """
    connected = Tenant.objects.filter(state=TenantState.CONNECTED)
    beginnings = connected.filter(failing_lately()).order_by("-breaker__failing_since")
    latest = beginnings.values_list("breaker__failing_since", flat=True)[:FLEET_LEAST]
    if len(latest) < FLEET_LEAST:
        return False
    began = min(latest)
    failed = connected.filter(breaker__failing_since__gte=began).count()
    enough = math.ceil(failed * (1 - FLEET_SHARE) / FLEET_SHARE)
    return not _have_answered(enough, since=began)


def _have_answered(tenants: int, *, since: datetime) -> bool:
    """Whether so many tenants had a run that began after ``since`` and was successful."""
    well = Run.objects.filter(
        state=RunState.SUCCEEDED,
        not_before__gte=since - LATE_AT_MOST,  # for the index
        started_at__gte=since,
        call_count__gt=0,
    )
    newest = well.order_by("-not_before").values_list("tenant_id", flat=True)
    return len(set(newest[: RUNS_A_TENANT * tenants])) >= tenants


def failing_lately() -> Q:
    """Of tenants: whose org failed repeatedly within the last minutes, and not for days."""
    return Q(
        breaker__failures__gte=FLEET_FAILURES,
        breaker__failed_at__gte=Now() - FLEET_WINDOW,
        breaker__failing_since__gte=Now() - FLEET_LONGEST,
    )


def _open(breaker: Breaker, run: Run) -> float:
    """Shut the org off for twice as long as last time; returns the seconds."""
    breaker.opened_count += 1
    ceiling = min(LONGEST_OPEN_S, FIRST_OPEN_S * 2 ** (breaker.opened_count - 1))
    shut_s = float(ceiling * _random.uniform(0.8, 1.0))
    breaker.open_until = Now() + timedelta(seconds=shut_s)
    if breaker.opened_at is None:
        breaker.opened_at = Now()
        fine = Tenant.objects.filter(pk=run.tenant_id, attention_code="")
        if fine.update(attention_code=UNREACHABLE):
            run.tenant.attention_code = UNREACHABLE
            _record("connection.trouble", run)
    return shut_s


def _record(action: str, run: Run) -> None:
    AuditEvent.objects.record(action, tenant=run.tenant, code=UNREACHABLE, run=str(run.pk))

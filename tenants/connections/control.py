"""What an operator can do to a tenant's connection, and some of it the customer."""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from tenants.choices import CredentialState, RunKind, RunState, TenantState, Trigger, Urgency
from tenants.connections.states import refuse_set_aside
from tenants.errors import NoSuchJob, NotConnected, NotPaused
from tenants.models import AuditEvent, Credential, Job, Run, Tenant, TenantSummary, User
from tenants.runs.breakers import shut
from tenants.runs.log import say
from tenants.runs.queue import run_queue
from tenants.runs.schedule import job_set_interval
from tenants.runs.waking import runs_wake

_PAUSABLE = (TenantState.CONNECTED, TenantState.ATTENTION)


def tenant_pause(*, tenant: Tenant, actor: User | None = None, via: str = "") -> None:
    """Stop all work for a tenant; what is running stops at the end of its slice.

    Without an ``actor`` it is the customer who pauses.

    Raises:
        NotConnected: there is no work to stop.
    """
    with transaction.atomic():
        pausable = Tenant.objects.filter(pk=tenant.pk, state__in=_PAUSABLE)
        set_aside = {"state": TenantState.PAUSED, "paused_by_customer": actor is None}
        if not pausable.update(paused_from=F("state"), **set_aside):
            raise NotConnected
        _note(tenant, "tenant.paused", actor, via)


def tenant_resume(*, tenant: Tenant, actor: User | None = None, via: str = "") -> None:
    """Let a paused tenant work again; its next slots run as planned.

    Without an ``actor`` it is the customer, who resumes only what the customer has paused.

    Raises:
        NotPaused: it is not paused, or not by them.
    """
    with transaction.atomic():
        paused = Tenant.objects.filter(pk=tenant.pk, state=TenantState.PAUSED)
        theirs = paused if actor else paused.filter(paused_by_customer=True)
        if not theirs.update(state=F("paused_from"), paused_from="", paused_by_customer=False):
            raise NotPaused
        _note(tenant, "tenant.resumed", actor, via)


def job_pause(*, tenant: Tenant, kind: RunKind, actor: User) -> None:
    """Queue no more runs of a standing job; one that is queued already goes on.

    Raises:
        NoSuchJob: there is none, or it is paused.
    """
    _switch_job(tenant, kind, actor, enabled=False)


def job_resume(*, tenant: Tenant, kind: RunKind, actor: User) -> None:
    """Let a paused job go on; the slots that it missed become one.

    Raises:
        NoSuchJob: there is none, or it is not paused.
    """
    _switch_job(tenant, kind, actor, enabled=True)


def job_set_pace(*, tenant: Tenant, kind: RunKind, every_s: int | None, actor: User) -> None:
    """Give a standing job an interval of its own, or with None the installation's; holds within
    a few ticks.

    Raises:
        NoSuchJob: there is none.
    """
    with transaction.atomic():
        job = Job.objects.for_tenant(tenant).filter(kind=kind).first()
        if job is None:
            raise NoSuchJob
        if job.own_every_s != every_s:
            job_set_interval(tenant=tenant, kind=kind, every_s=every_s)
            every = "as the installation" if every_s is None else f"{every_s} s"
            _note(tenant, "job.interval_set", actor, kind=kind, every=every)


def run_now(*, tenant: Tenant, kind: RunKind, actor: User, accept_removals: bool = False) -> Run:
    """Queue a sync or audit at once, or let the one that waits for its time go on.

    ``accept_removals`` lets a sync remove what a suspiciously short listing no longer shows.

    Raises:
        NotConnected, TenantPaused, TenantDeleted: there is nothing to run with.
        RunAlreadyLive: one is under way.
    """
    refuse_set_aside(tenant)
    active = Credential.objects.for_tenant(tenant).filter(state=CredentialState.ACTIVE)
    if kind not in (RunKind.SYNC, RunKind.AUDIT) or not active.exists():
        raise NotConnected
    params = {"accept_removals": True} if accept_removals else {}
    with transaction.atomic():
        if not params and (waiting := _hastened(tenant, kind, actor)):
            return waiting
        run = run_queue(
            tenant=tenant, kind=kind, trigger=Trigger.OPERATOR, actor=actor, params=params
        )
        AuditEvent.objects.record(
            "run.queued", tenant=tenant, actor=actor, run=str(run.pk), kind=kind, asked=params
        )
    return run


def _hastened(tenant: Tenant, kind: RunKind, actor: User) -> Run | None:
    """The run of this kind that waits for its time, unless it is for an org that is left alone."""
    waiting = Run.objects.for_tenant(tenant).filter(~shut(), kind=kind, not_before__gt=Now())
    run = waiting.filter(state=RunState.QUEUED).first()
    if run is None or not runs_wake(waiting):
        return None
    Run.objects.filter(pk=run.pk).update(urgency=Urgency.INTERACTIVE)
    say(run.pk, f"{actor} asked to go on now.")
    AuditEvent.objects.record(
        "run.hastened", tenant=tenant, actor=actor, run=str(run.pk), kind=kind
    )
    return run


def _switch_job(tenant: Tenant, kind: RunKind, actor: User, *, enabled: bool) -> None:
    with transaction.atomic():
        jobs = Job.objects.for_tenant(tenant).filter(kind=kind, enabled=not enabled)
        if not jobs.update(enabled=enabled):
            raise NoSuchJob
        _note(tenant, "job.resumed" if enabled else "job.paused", actor, kind=kind)


def _note(tenant: Tenant, action: str, actor: User | None, via: str = "", **detail: str) -> None:
    tenant.refresh_from_db()
    TenantSummary.objects.refresh(tenant)
    AuditEvent.objects.record(action, tenant=tenant, actor=actor, via=via, **detail)

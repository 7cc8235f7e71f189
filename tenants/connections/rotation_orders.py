"""When a secret is replaced by ourselves: at an age, or because an operator says so."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from tenants.choices import (
    LIVE_ROTATION_STATES,
    LIVE_RUN_STATES,
    CredentialState,
    RunKind,
    TenantState,
    Trigger,
    Urgency,
)
from tenants.connections.credentials import MANAGE_INTEGRATIONS, find_active, may_rotate
from tenants.connections.states import refuse_set_aside
from tenants.connections.trouble import STANDING
from tenants.errors import NotConnected, RotationNotGranted, RunAlreadyLive, TenantDeleted
from tenants.models import AuditEvent, Credential, Rotation, Run, Tenant, TenantSummary, User
from tenants.runs.leases import RESTING_STATES
from tenants.runs.queue import run_queue

#: At most so many at once: a tick has other things to do.
BATCH = 50
#: What failed is tried again this much later; one that has begun, sooner, where Okta lets us in.
AGAIN_AFTER, GO_ON_AFTER = timedelta(days=1), timedelta(hours=1)


def rotation_switch(*, tenant: Tenant, on: bool, actor: User | None = None, via: str = "") -> None:
    """Have a tenant's secret replaced by ourselves from now on, or no more.

    Raises:
        NotConnected, TenantDeleted, RotationNotGranted: it cannot be switched on.
    """
    if on:
        _refuse_if_impossible(tenant)
    with transaction.atomic():
        if on:
            _have_looked(tenant)
        other = Tenant.objects.filter(pk=tenant.pk, rotates_itself=not on)
        if other.update(rotates_itself=on):  # a second click is nothing to tell of
            action = "rotation.switched_on" if on else "rotation.switched_off"
            AuditEvent.objects.record(action, tenant=tenant, actor=actor, via=via)
    tenant.refresh_from_db()


def rotation_now(*, tenant: Tenant, actor: User) -> Run:
    """Replace a tenant's secret at once, whatever its age.

    Raises:
        NotConnected, RotationNotGranted, TenantPaused, TenantDeleted: it cannot be.
        RunAlreadyLive: it is being replaced.
    """
    refuse_set_aside(tenant)
    _refuse_if_impossible(tenant)
    with transaction.atomic():
        _have_looked(tenant)
        run = run_queue(tenant=tenant, kind=RunKind.ROTATE, trigger=Trigger.OPERATOR, actor=actor)
        AuditEvent.objects.record(
            "run.queued", tenant=tenant, actor=actor, run=str(run.pk), kind=RunKind.ROTATE
        )
    return run


def queue_due_rotations() -> int:
    """Queue the runs of secrets that are old enough, and of rotations that were left in the middle;
    returns how many."""
    return sum(_queue(tenant) for tenant in [*_left_behind()[:BATCH], *_due()[:BATCH]])


def _due() -> "QuerySet[Tenant]":
    old = Credential.objects.filter(
        tenant=OuterRef("pk"),
        state=CredentialState.ACTIVE,
        created_at__lte=Now() - timedelta(days=settings.ROTATE_SECRET_DAYS),
        scopes_granted__contains=MANAGE_INTEGRATIONS,
    )
    at_work = Tenant.objects.filter(rotates_itself=True, state=TenantState.CONNECTED)
    return at_work.filter(Exists(old), ~_ran_since(AGAIN_AFTER), ~Exists(_live_rotations()))


def _left_behind() -> "QuerySet[Tenant]":
    """Also of tenants that are switched off: what has begun is brought to its end. Those that rest
    go on when they are back, and an org that refuses us is not asked every hour."""
    here = Tenant.objects.exclude(state__in=RESTING_STATES)
    refused = Q(state=TenantState.ATTENTION) | Q(attention_code__in=STANDING)
    soon = ~refused & ~_ran_since(GO_ON_AFTER)
    return here.filter(Exists(_live_rotations()), soon | ~_ran_since(AGAIN_AFTER))


def _live_rotations() -> "QuerySet[Rotation]":
    return Rotation.objects.filter(tenant=OuterRef("pk"), state__in=LIVE_ROTATION_STATES)


def _ran_since(past: timedelta) -> Exists:
    runs = Run.objects.filter(tenant=OuterRef("pk"), kind=RunKind.ROTATE)
    return Exists(runs.filter(Q(state__in=LIVE_RUN_STATES) | Q(ended_at__gt=Now() - past)))


def _queue(tenant: Tenant) -> bool:
    try:
        run_queue(
            tenant=tenant,
            kind=RunKind.ROTATE,
            trigger=Trigger.SCHEDULE,
            urgency=Urgency.BULK,
        )
    except RunAlreadyLive:  # another tick was quicker
        return False
    return True


def _refuse_if_impossible(tenant: Tenant) -> None:
    if tenant.state == TenantState.DELETED:
        raise TenantDeleted
    active = find_active(tenant)
    if active is None:
        raise NotConnected
    if not may_rotate(active):
        raise RotationNotGranted


def _have_looked(tenant: Tenant) -> None:
    """Whoever asks for a rotation has seen what stopped the one before."""
    stopped = Tenant.objects.filter(pk=tenant.pk, attention_code__in=STANDING)
    if stopped.update(attention_code=""):
        TenantSummary.objects.refresh(tenant)

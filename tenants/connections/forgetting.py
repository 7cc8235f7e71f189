"""Emptying disconnected tenants to the end, and forgetting deleted ones whose time is over.

Of the latter nothing is kept but tombstones: who did what and when, under the id that the tenant
had.
"""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from tenants.choices import LIVE_RUN_STATES, RunKind, RunState, TenantState, Trigger
from tenants.connections.leaving import purge_queue
from tenants.errors import RunAlreadyLive
from tenants.models import AuditEvent, Run, Tenant
from tenants.outbox.sending import forget_mails_about

#: At most so many at once: a tick has other things to do.
BATCH = 50
#: A run that could not empty its tenant, by a mistake of ours, is tried again this much later.
AGAIN_AFTER = timedelta(hours=1)

_CUT_SHORT = (RunState.FAILED, RunState.ERRORED, RunState.CANCELLED)


def forget_deleted_tenants() -> int:
    """Empty deleted tenants whose time has come, and forget the empty ones; returns how many."""
    due = Tenant.objects.filter(state=TenantState.DELETED, forget_at__lte=Now())
    return sum(_go_on(tenant_id) for tenant_id in due.values_list("pk", flat=True)[:BATCH])


def empty_left_tenants() -> int:
    """Go on with disconnected tenants whose emptying ended before its time; returns how many."""
    newest = Run.objects.filter(tenant=OuterRef("pk"), kind=RunKind.DISCONNECT)
    newest = newest.order_by("-created_at")
    left = Tenant.objects.filter(state=TenantState.DISCONNECTED).annotate(
        emptying=Subquery(newest.values("state")[:1]),
        emptied_at=Subquery(newest.values("ended_at")[:1]),
    )
    due = left.filter(emptying__in=_CUT_SHORT, emptied_at__lte=Now() - AGAIN_AFTER)
    return sum(_empty_again(tenant_id) for tenant_id in due.values_list("pk", flat=True)[:BATCH])


def _empty_again(tenant_id: UUID) -> bool:
    with transaction.atomic():
        left = Tenant.objects.select_for_update(skip_locked=True).filter(
            pk=tenant_id, state=TenantState.DISCONNECTED
        )
        if tenant := left.first():
            with suppress(RunAlreadyLive):  # an operator was quicker
                purge_queue(tenant, Trigger.SCHEDULE)
                return True
    return False


def _go_on(tenant_id: UUID) -> bool:
    with transaction.atomic():
        due = Tenant.objects.select_for_update(skip_locked=True).filter(
            pk=tenant_id, state=TenantState.DELETED, forget_at__lte=Now()
        )
        tenant = due.first()
        if tenant is None:  # another tick has it, or has had it
            return False
        if _runs_since_due(tenant).filter(state=RunState.SUCCEEDED).exists():
            _forget(tenant)
            return True
        if not _is_being_emptied(tenant):
            purge_queue(tenant, Trigger.SCHEDULE)
    return False


def _runs_since_due(tenant: Tenant) -> QuerySet[Run]:
    runs = Run.objects.for_tenant(tenant).filter(kind=RunKind.DISCONNECT)
    live = Q(state__in=LIVE_RUN_STATES)
    return runs.filter(live | Q(ended_at__gte=tenant.forget_at))


def _is_being_emptied(tenant: Tenant) -> bool:
    live, lately = Q(state__in=LIVE_RUN_STATES), Q(ended_at__gt=Now() - AGAIN_AFTER)
    return _runs_since_due(tenant).filter(live | lately).exists()


def _forget(tenant: Tenant) -> None:
    tenant_id = tenant.pk
    AuditEvent.objects.entomb(tenant)
    forget_mails_about(tenant_id)
    tenant.delete()
    AuditEvent.objects.create(action="tenant.forgotten", forgotten=tenant_id)

"""How a tenant leaves: disconnected now, or deleted after a while in which it can be restored.

Either begins in one short transaction, after which nothing works for the tenant any more. Taking
away what there is of it is work for a run, see `tenants.connections.disconnection`.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from tenants.choices import CredentialState, RunKind, TenantState, Trigger
from tenants.connections.invitations import setup_links_end
from tenants.connections.states import tenant_locked
from tenants.errors import AlreadyLeft, NotConnected, NotDeleted
from tenants.models import AuditEvent, Credential, Run, Tenant, TenantSummary, User
from tenants.runs.queue import run_queue, runs_end

#: States that a restored tenant does not go back to: somebody shall first look, then resume it.
_AT_WORK = (TenantState.CONNECTED, TenantState.ATTENTION)
#: With its connection a tenant loses its org: it may come back with another one.
_UNCONNECTED: dict[str, Any] = {
    **{"org_id": "", "host": "", "engine": "", "connected_at": None},
    **{"paused_from": "", "paused_by_customer": False, "attention_code": ""},
    "rotates_itself": False,
}


def tenant_disconnect(*, tenant: Tenant, actor: User | None = None, via: str = "") -> Run:
    """End a connection for good: no secret, no token and nothing that was read is kept.

    Returns:
        The run that takes it all away.

    Raises:
        AlreadyLeft: it is disconnected or deleted.
        NotConnected: there is nothing to disconnect.
    """
    with transaction.atomic():
        row = tenant_locked(tenant)
        if row.state in (TenantState.DISCONNECTED, TenantState.DELETED):
            raise AlreadyLeft
        if row.state == TenantState.INVITED:
            raise NotConnected
        runs_end(tenant=row, reason="The connection was ended.")
        Tenant.objects.filter(pk=row.pk).update(state=TenantState.DISCONNECTED, **_UNCONNECTED)
        AuditEvent.objects.record(
            "tenant.disconnected", tenant=row, actor=actor, via=via, host=row.host
        )
        run = purge_queue(row, Trigger.OPERATOR if actor else Trigger.CONNECT, actor)
        TenantSummary.objects.refresh(row)
    tenant.refresh_from_db()
    return run


def tenant_delete(*, tenant: Tenant, actor: User) -> None:
    """Stop everything for a tenant, and forget it after ``DELETION_GRACE_DAYS``.

    Raises:
        AlreadyLeft: it is deleted already.
    """
    with transaction.atomic():
        row = tenant_locked(tenant)
        if row.state == TenantState.DELETED:
            raise AlreadyLeft
        runs_end(tenant=row, reason="The tenant was deleted.", but=RunKind.DISCONNECT)
        setup_links_end(row)
        _set_aside(row)
        AuditEvent.objects.record("tenant.deleted", tenant=row, actor=actor)
        TenantSummary.objects.refresh(row)
    tenant.refresh_from_db()


def tenant_restore(*, tenant: Tenant, actor: User) -> None:
    """Take a deletion back. What was connected comes back paused.

    Raises:
        NotDeleted: it is not deleted, or its time is over.
    """
    row = Tenant.objects.filter(pk=tenant.pk)
    with transaction.atomic():
        row.select_for_update(no_key=True).first()  # as does who begins to empty it
        in_time = row.filter(state=TenantState.DELETED, forget_at__gt=Now())
        was_at_work = Q(paused_from__in=_AT_WORK)
        # Without a credential it is being emptied, though the clock may have been set back since.
        paused = in_time.filter(was_at_work, Exists(_active_credential()))
        if not (
            paused.update(state=TenantState.PAUSED, forget_at=None)
            or in_time.exclude(was_at_work).update(
                state=F("paused_from"), paused_from="", forget_at=None
            )
        ):
            raise NotDeleted
        AuditEvent.objects.record("tenant.restored", tenant=tenant, actor=actor)
        TenantSummary.objects.refresh(tenant)
    tenant.refresh_from_db()


def tenant_hasten(*, tenant: Tenant, via: str) -> None:
    """End the time in which a deleted tenant can be restored.

    Raises:
        NotDeleted: it is not deleted.
    """
    with transaction.atomic():
        deleted = Tenant.objects.filter(pk=tenant.pk, state=TenantState.DELETED)
        if not deleted.update(forget_at=Now()):
            raise NotDeleted
        AuditEvent.objects.record("tenant.forgetting_hastened", tenant=tenant, via=via)


def purge_queue(tenant: Tenant, trigger: Trigger, actor: User | None = None) -> Run:
    """Queue the run that takes away all that there is of a tenant. Its row must be locked.

    From now on no credential is active: nothing can be asked of the org for any other purpose.
    """
    ours = Credential.objects.for_tenant(tenant)
    ours.exclude(state=CredentialState.REVOKED).update(state=CredentialState.RETIRING)
    return run_queue(tenant=tenant, kind=RunKind.DISCONNECT, trigger=trigger, actor=actor)


def _active_credential() -> "QuerySet[Credential]":
    return Credential.objects.filter(tenant=OuterRef("pk"), state=CredentialState.ACTIVE)


def _set_aside(tenant: Tenant) -> None:
    forget_at = Now() + timedelta(days=settings.DELETION_GRACE_DAYS)
    row = Tenant.objects.filter(pk=tenant.pk)  # what ended runs have made of it included
    row.exclude(state=TenantState.PAUSED).update(paused_from=F("state"))
    row.update(state=TenantState.DELETED, forget_at=forget_at, paused_by_customer=False)

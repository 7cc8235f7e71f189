"""Taking in what a customer admin sent."""

from django.db import IntegrityError, transaction

from tenants.broker.sealing import secret_seal
from tenants.choices import (
    LIVE_RUN_STATES,
    RunKind,
    TenantState,
    Trigger,
)
from tenants.connections.credentials import candidate_save
from tenants.connections.rotation_rows import rotation_give_up, rotation_is_unproven
from tenants.connections.states import tenant_locked
from tenants.errors import AlreadyVerifying, RunAlreadyLive, SecretBeingReplaced, StillLeaving
from tenants.models import AuditEvent, Credential, Run, Tenant, User
from tenants.runs.queue import run_queue
from tenants.vault.secret import Secret

#: States of a tenant that has no working connection yet.
_UNCONNECTED = (TenantState.INVITED, TenantState.VERIFYING, TenantState.DISCONNECTED)


def connection_submit(
    *,
    tenant: Tenant,
    host: str,
    client_id: str,
    client_secret: Secret,
    via: str,
    actor: User | None = None,
) -> Run:
    """Seal the secret as a candidate; keep it and queue the run that proves it in one transaction.

    The first connection and every rotation come this way. The web process never calls Okta.

    Raises:
        AlreadyVerifying: an earlier candidate of this tenant is still being proven.
        SecretBeingReplaced: one of our own making is.
        StillLeaving: what was connected before is still being taken away.
        KeyringError, SealUnavailable: it cannot be sealed now; nothing is kept.
    """
    candidate = Credential(tenant=tenant, host=host, client_id=client_id)
    sealed = secret_seal(candidate, client_secret)
    try:
        with transaction.atomic():
            _refuse_if_busy(tenant)
            candidate_save(candidate, sealed)
            Tenant.objects.filter(pk=tenant.pk, state__in=_UNCONNECTED).update(
                state=TenantState.VERIFYING, attention_code=""
            )
            AuditEvent.objects.record(
                "connection.submitted",
                tenant=tenant,
                actor=actor,
                via=via,
                host=host,
                client_id=client_id,
            )
            return run_queue(
                tenant=tenant,
                kind=RunKind.VERIFY,
                trigger=Trigger.CONNECT,
                actor=actor,
                params={"credential": str(candidate.pk)},
            )
    except (IntegrityError, RunAlreadyLive) as exc:
        raise AlreadyVerifying from exc


def _refuse_if_busy(tenant: Tenant) -> None:
    """Whoever ends the connection, or replaces its secret, holds the tenant's row meanwhile."""
    row = tenant_locked(tenant)
    live = Run.objects.for_tenant(tenant).filter(state__in=LIVE_RUN_STATES)
    if row.state == TenantState.DELETED or live.filter(kind=RunKind.DISCONNECT).exists():
        raise StillLeaving
    if rotation_is_unproven(tenant):
        if live.filter(kind=RunKind.ROTATE).exists():
            raise SecretBeingReplaced
        rotation_give_up(tenant)

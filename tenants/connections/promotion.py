"""What becomes of a candidate once its proof has ended."""

from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from tenants.broker.grants import tokens_forget, tokens_revoke
from tenants.broker.sealing import secret_destroy
from tenants.choices import (
    LIVE_ROTATION_STATES,
    STANDING_KINDS,
    CredentialState,
    RunKind,
    TenantState,
    Trigger,
)
from tenants.connections.credentials import candidate_of
from tenants.connections.states import SET_ASIDE, tenant_becomes
from tenants.errors import RunAlreadyLive
from tenants.models import AuditEvent, Credential, Rotation, Run, Tenant
from tenants.runs.handlers import Refusal
from tenants.runs.queue import run_queue
from tenants.runs.schedule import job_ensure
from tenants.runs.waking import runs_wake

_AT_WORK = frozenset(TenantState) - set(SET_ASIDE)


def candidate_promote(run: Run, *, scopes: frozenset[str], engine: str) -> None:
    """Make the proven candidate the active credential and start the tenant's standing jobs.

    Raises:
        Refusal: another tenant already has this integration of this org.
    """
    candidate = candidate_of(run)
    credential_activate(candidate, scopes)
    _connect(run.tenant, candidate, engine)
    for kind in STANDING_KINDS:
        job_ensure(tenant=run.tenant, kind=kind)
    try:
        run_queue(tenant=run.tenant, kind=RunKind.SYNC, trigger=Trigger.CONNECT)
    except RunAlreadyLive:
        # It goes on, with the new secret from its next slice: what it waits for may be past.
        runs_wake(Run.objects.for_tenant(run.tenant).filter(kind=RunKind.SYNC))
    AuditEvent.objects.record(
        "connection.proven", tenant=run.tenant, credential=str(candidate.pk), run=str(run.pk)
    )


def candidate_drop(run: Run, code: str) -> None:
    """Keep nothing of a refused candidate but the fact that it was tried."""
    candidate = candidate_of(run)
    credential_end(candidate)
    unconnected = Tenant.objects.filter(pk=run.tenant_id, state=TenantState.VERIFYING)
    unconnected.update(state=TenantState.INVITED, attention_code=code)
    run.tenant.refresh_from_db()
    AuditEvent.objects.record(
        "connection.refused", tenant=run.tenant, credential=str(candidate.pk), code=code
    )


def retired_revoke(tenant: Tenant, *, worked: int) -> None:
    """The credential of version ``worked`` has read something: those before it may go."""
    ours = Credential.objects.for_tenant(tenant)
    successor = ours.filter(version=worked).first()
    retiring = ours.filter(state=CredentialState.RETIRING, version__lt=worked)
    for credential in retiring.exclude(pk__in=_kept_by_rotation(tenant)):
        credential_end(credential, by=successor)
        AuditEvent.objects.record(
            "connection.secret_retired", tenant=tenant, credential=str(credential.pk)
        )


def credential_activate(candidate: Credential, scopes: frozenset[str]) -> None:
    """Make a proven candidate the active credential; what was active until now retires.

    Raises:
        Refusal: another tenant has this integration of this org.
    """
    taken = Q(org_id=candidate.org_id, client_id=candidate.client_id, state=CredentialState.ACTIVE)
    if Credential.objects.filter(taken).exclude(tenant=candidate.tenant_id).exists():
        raise Refusal("org_taken")
    ours = Credential.objects.for_tenant(candidate.tenant)
    ours.filter(state=CredentialState.ACTIVE).update(state=CredentialState.RETIRING)
    try:
        with transaction.atomic():
            Credential.objects.filter(pk=candidate.pk).update(
                state=CredentialState.ACTIVE,
                proven_at=Now(),
                scopes_granted=" ".join(sorted(scopes)),
            )
    except IntegrityError as exc:  # another tenant was quicker by a moment
        raise Refusal("org_taken") from exc


def _connect(tenant: Tenant, credential: Credential, engine: str) -> None:
    Tenant.objects.filter(pk=tenant.pk, connected_at=None).update(connected_at=Now())
    Tenant.objects.filter(pk=tenant.pk).update(
        org_id=credential.org_id, host=credential.host, engine=engine[:16], attention_code=""
    )
    tenant_becomes(tenant, TenantState.CONNECTED, before=_AT_WORK)


def _kept_by_rotation(tenant: Tenant) -> "QuerySet[Rotation, Any]":
    """What we could go back to until our own rotation has ended."""
    live = Rotation.objects.for_tenant(tenant).filter(state__in=LIVE_ROTATION_STATES)
    return live.values("old")


def credential_end(credential: Credential, *, by: Credential | None = None) -> None:
    """Destroy a credential's sealed secret, and forget its tokens once that is committed.

    With ``by``, the credential that has replaced it, Okta ends them as well.
    """
    secret_destroy(credential)
    Credential.objects.filter(pk=credential.pk).update(
        state=CredentialState.REVOKED, ended_at=Now()
    )
    end = partial(tokens_revoke, by=by) if by else tokens_forget
    # Robust: a token that outlives its secret for its last hour must not undo the rest.
    transaction.on_commit(partial(end, credential), robust=True)

"""Asking for changes: all of them become rows, in one transaction, or none does."""

import uuid
from collections.abc import Sequence

from django.db import transaction

from tenants.actions.catalogue import trace_for
from tenants.actions.errors import ChangeRefused, ScopesLacking
from tenants.actions.wanted import Wanted
from tenants.choices import CredentialState, RunKind, Trigger
from tenants.connections.states import refuse_set_aside
from tenants.errors import AlreadyLeft, NotConnected, RunAlreadyLive
from tenants.models import AuditEvent, Credential, Intent, Run, Tenant, User
from tenants.okta.operations import Operation, allows
from tenants.runs.leases import RESTING_STATES
from tenants.runs.queue import run_queue

#: Of one run. They are made one after the other, and one that fails keeps back all after it.
MOST_CHANGES = 200


def actions_apply(
    *,
    tenant: Tenant,
    actor: User | None,
    wanted: Sequence[Wanted],
    trigger: Trigger = Trigger.OPERATOR,
    once: uuid.UUID | None = None,
    via: str = "",
    login: str = "",
) -> Run:
    """Commit changes to a tenant's org, to be made one after the other by a worker.

    Args:
        once: becomes the run's id; asked again with the same one, the first run is returned.
        via, login: which door was used by whom, where nobody signed in.

    Raises:
        ChangeRefused: one of them cannot be queued; the sentence says why.
        TenantPaused, TenantDeleted, NotConnected, AlreadyLeft: there is nothing to change with.
        ScopesLacking: the integration may not make them.
        RunAlreadyLive: other changes are under way, and these might meet them.
    """
    _check(tenant, wanted)
    try:
        return _commit(tenant, actor, wanted, trigger, once, {"via": via, "login": login})
    except RunAlreadyLive:
        if once is None:
            raise
        asked = Run.objects.for_tenant(tenant).filter(pk=once, kind=RunKind.APPLY).first()
        if asked is None:
            raise
        return asked


def lacking_scopes(tenant: Tenant, operations: Sequence[Operation]) -> frozenset[str]:
    """What the tenant's connection was not proven to hold of what these operations need.

    Raises:
        NotConnected: nothing was ever proven.
    """
    active = Credential.objects.for_tenant(tenant).filter(state=CredentialState.ACTIVE).first()
    if active is None:
        raise NotConnected
    granted = frozenset(active.scopes_granted.split())
    return frozenset(each.scope for each in operations if not allows(granted, each))


def _check(tenant: Tenant, wanted: Sequence[Wanted]) -> None:
    if not 1 <= len(wanted) <= MOST_CHANGES:
        raise ChangeRefused(f"A run makes 1 to {MOST_CHANGES} changes, not {len(wanted)}.")
    for change in wanted:
        trace_for(change)
    if lacking := lacking_scopes(tenant, [change.operation for change in wanted]):
        raise ScopesLacking(lacking)


def _refuse_if_resting(tenant: Tenant) -> None:
    """Whoever pauses or ends a connection holds the tenant's row meanwhile. It is locked after the
    run was queued, as runs do that end."""
    held = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    refuse_set_aside(held)
    if held.state in RESTING_STATES:
        raise AlreadyLeft


@transaction.atomic
def _commit(
    tenant: Tenant,
    actor: User | None,
    wanted: Sequence[Wanted],
    trigger: Trigger,
    once: uuid.UUID | None,
    asker: dict[str, str],
) -> Run:
    run = run_queue(tenant=tenant, kind=RunKind.APPLY, trigger=trigger, actor=actor, once=once)
    _refuse_if_resting(tenant)
    Intent.objects.bulk_create(
        Intent(
            tenant=tenant,
            run=run,
            number=number,
            operation=change.operation.name,
            path=dict(change.path),
            query=dict(change.query),
            body=change.body,
        )
        for number, change in enumerate(wanted, start=1)
    )
    told = [{"operation": each.operation.name, "path": dict(each.path)} for each in wanted]
    AuditEvent.objects.record(
        "change.asked",
        tenant=tenant,
        actor=actor,
        via=asker["via"],
        run=str(run.pk),
        changes=told,
        **({"login": asker["login"]} if asker["login"] else {}),
    )
    return run

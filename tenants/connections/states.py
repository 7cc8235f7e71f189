"""How a tenant's state changes."""

from collections.abc import Iterable

from tenants.choices import LIVE_RUN_STATES, TenantState
from tenants.errors import TenantDeleted, TenantPaused
from tenants.models import Run, Tenant

#: States in which a tenant waits for somebody to bring it back.
SET_ASIDE = (TenantState.PAUSED, TenantState.DELETED)


def refuse_set_aside(tenant: Tenant) -> None:
    """What is asked for anew must not lie in wait for the day on which the tenant comes back.

    Raises:
        TenantPaused, TenantDeleted: that day has to come first.
    """
    if tenant.state == TenantState.PAUSED:
        raise TenantPaused
    if tenant.state == TenantState.DELETED:
        raise TenantDeleted


def tenant_locked(tenant: Tenant) -> Tenant:
    """The tenant's row as it is now, locked, for whoever ends its runs or queues others.

    After those of its live runs: a run that ends holds its own and then changes its tenant's, and
    PostgreSQL would end one of two that wait for each other.
    """
    live = Run.objects.for_tenant(tenant).filter(state__in=LIVE_RUN_STATES)
    list(live.select_for_update().order_by("pk").values_list("pk"))
    return Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)


def tenant_becomes(tenant: Tenant, after: TenantState, *, before: Iterable[TenantState]) -> None:
    """Change the state of a tenant that is in one of ``before``, and tell ``tenant``.

    A paused or deleted tenant stays so, and comes back as what it has become meanwhile.
    """
    row = Tenant.objects.filter(pk=tenant.pk)
    row.filter(state__in=SET_ASIDE, paused_from__in=before).update(paused_from=after)
    row.filter(state__in=before).update(state=after)
    tenant.refresh_from_db()

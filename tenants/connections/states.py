"""How a tenant's state changes."""

from collections.abc import Iterable

from tenants.choices import TenantState
from tenants.models import Tenant

#: States in which a tenant waits for somebody to bring it back.
SET_ASIDE = (TenantState.PAUSED, TenantState.DELETED)


def tenant_becomes(tenant: Tenant, after: TenantState, *, before: Iterable[TenantState]) -> None:
    """Change the state of a tenant that is in one of ``before``, and tell ``tenant``.

    A paused or deleted tenant stays so, and comes back as what it has become meanwhile.
    """
    row = Tenant.objects.filter(pk=tenant.pk)
    row.filter(state__in=SET_ASIDE, paused_from__in=before).update(paused_from=after)
    row.filter(state__in=before).update(state=after)
    tenant.refresh_from_db()

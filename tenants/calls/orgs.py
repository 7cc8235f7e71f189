"""Which tenant an operator means, and the credential to call its org with."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from tenants.calls.errors import NoSuchTenant
from tenants.choices import CredentialState
from tenants.connections.states import refuse_set_aside
from tenants.errors import NotConnected
from tenants.models import Credential, Tenant
from tenants.okta.hosts import HostError, understand_host

_NAMED_AT_MOST = 10


@dataclass(frozen=True)
class ConnectedOrg:
    """A tenant and its proven credential, whose ``host`` is where calls go."""

    tenant: Tenant
    credential: Credential

    @property
    def host(self) -> str:
        return self.credential.host


def org_find(text: str) -> ConnectedOrg:
    """The org meant by a tenant's id, its Okta org's id or host (in any pasted form), or its name.

    Raises:
        NoSuchTenant: nothing or more than one thing is called so; several are named.
        TenantPaused, TenantDeleted: an operator has stopped all work for it.
        NotConnected: it has no proven credential.
    """
    tenant = _only(text, list(_meant(text)))
    refuse_set_aside(tenant)
    active = Credential.objects.for_tenant(tenant).filter(state=CredentialState.ACTIVE).first()
    if active is None:
        raise NotConnected
    return ConnectedOrg(tenant, active)


def _meant(text: str) -> Iterator[Tenant]:
    """Those that the first fitting reading of ``text`` finds."""
    for reading in _readings(text):
        found = Tenant.objects.filter(reading).order_by("name", "pk")[: _NAMED_AT_MOST + 1]
        if found:
            yield from found
            return


def _readings(text: str) -> Iterator[Q]:
    with suppress(ValueError):
        yield Q(pk=UUID(text))
    if text:
        yield Q(host__iexact=text) | Q(org_id=text)
    with suppress(HostError):
        yield Q(host=understand_host(text, settings.OKTA_HOST_SUFFIXES).host)
    yield Q(name__iexact=text)


def _only(text: str, found: list[Tenant]) -> Tenant:
    if not found:
        raise NoSuchTenant(f"No tenant has the host, the id or the name {text!r}.")
    if len(found) > 1:
        named = ", ".join(_described(tenant) for tenant in found[:_NAMED_AT_MOST])
        more = " and more" if len(found) > _NAMED_AT_MOST else ""
        raise NoSuchTenant(f"{text!r} may be any of {named}{more}. Say which by its id.")
    return found[0]


def _described(tenant: Tenant) -> str:
    return f"{tenant.pk} ({tenant.name}, {tenant.host or 'no host yet'}, {tenant.state})"

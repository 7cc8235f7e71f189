"""Which of a tenant's credentials is meant."""

import uuid
from datetime import datetime

from tenants.choices import CredentialState
from tenants.models import Credential, Run, Tenant
from tenants.okta.errors import OktaError
from tenants.runs.handlers import Refusal


class CredentialReplaced(OktaError):
    """The credential of this slice has been replaced meanwhile; the next slice has the new one."""

    code = "credential_replaced"
    retryable = True


def candidate_of(run: Run) -> Credential:
    """The candidate that this verification is about."""
    candidates = Credential.objects.for_tenant(run.tenant)
    return candidates.get(pk=uuid.UUID(run.params["credential"]))


def active_of(tenant: Tenant) -> Credential:
    """The credential that works for this tenant.

    Raises:
        Refusal: there is none (any more), so the run that asked cannot go on.
    """
    active = Credential.objects.for_tenant(tenant).filter(state=CredentialState.ACTIVE).first()
    if active is None:
        raise Refusal("not_connected", "There is no proven credential.")
    return active


def secret_since(tenant: Tenant) -> datetime | None:
    """When the secret that works for this tenant came to us; None where there is none."""
    active = Credential.objects.for_tenant(tenant).filter(state=CredentialState.ACTIVE)
    return active.values_list("created_at", flat=True).first()


def refuse_if_replaced(credential: Credential) -> None:
    """After a refusal: was it still the tenant's own credential that Okta refused?

    Raises:
        CredentialReplaced: no, so the refusal says nothing about the tenant.
    """
    ours = Credential.objects.for_tenant(credential.tenant).filter(pk=credential.pk)
    if not ours.filter(state=CredentialState.ACTIVE).exists():
        raise CredentialReplaced("the secret was replaced meanwhile")

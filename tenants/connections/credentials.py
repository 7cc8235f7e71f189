"""Which of a tenant's credentials is meant."""

import uuid

from tenants.choices import CredentialState
from tenants.models import Credential, Run, Tenant
from tenants.runs.handlers import Refusal


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

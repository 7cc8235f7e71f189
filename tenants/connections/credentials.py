"""Which of a tenant's credentials is meant."""

import uuid

from django.db.models import Max

from tenants.choices import CredentialState
from tenants.models import Credential, Run, SealedSecret, Tenant
from tenants.okta.errors import OktaError
from tenants.runs.handlers import Refusal

#: What an integration needs to replace its own secret, and with which it could do much more.
MANAGE_INTEGRATIONS = "okta.oauthIntegrations.manage"


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
    active = find_active(tenant)
    if active is None:
        raise Refusal("not_connected", "There is no proven credential.")
    return active


def find_active(tenant: Tenant) -> Credential | None:
    return Credential.objects.for_tenant(tenant).filter(state=CredentialState.ACTIVE).first()


def candidate_save(candidate: Credential, sealed: SealedSecret) -> None:
    """Keep a new secret that is to be proven, as the newest of its tenant."""
    ours = Credential.objects.for_tenant(candidate.tenant)
    newest = ours.aggregate(newest=Max("version"))["newest"]
    candidate.state, candidate.version = CredentialState.CANDIDATE, (newest or 0) + 1
    candidate.save(force_insert=True)
    sealed.save(force_insert=True)


def may_rotate(credential: Credential) -> bool:
    """Whether an integration may replace its own secret in this org."""
    return MANAGE_INTEGRATIONS in credential.scopes_granted.split()


def refuse_if_replaced(credential: Credential) -> None:
    """After a refusal: was it still the tenant's own credential that Okta refused?

    Raises:
        CredentialReplaced: no, so the refusal says nothing about the tenant.
    """
    ours = Credential.objects.for_tenant(credential.tenant).filter(pk=credential.pk)
    if not ours.filter(state=CredentialState.ACTIVE).exists():
        raise CredentialReplaced("the secret was replaced meanwhile")

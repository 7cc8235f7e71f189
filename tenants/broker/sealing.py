"""Where a credential's secret is sealed, opened and destroyed."""

from tenants.keys.canaries import canary_ensure, refuse_if_behind
from tenants.keys.proof import proven_keyring
from tenants.keys.ring import keyring
from tenants.models import Credential, SealedSecret
from tenants.vault.envelope import seal, unseal
from tenants.vault.errors import SealError
from tenants.vault.secret import Secret

CLIENT_SECRET = "tenants.Credential.client_secret"  # noqa: S105  (the field's name)


def secret_seal(credential: Credential, secret: Secret) -> SealedSecret:
    """The secret of a credential, sealed to its tenant and row: both still to be saved.

    A key service may have to be asked, so not within a transaction.

    Raises:
        KeyringError: our keys are not there, or not those of this installation.
        SealUnavailable: the key service does not answer now.
    """
    tenant_id, ring = credential.tenant_id, proven_keyring()
    canary_ensure(ring)
    sealed = seal(ring, secret, tenant=tenant_id, field=CLIENT_SECRET, row=credential.pk)
    return SealedSecret(
        tenant_id=tenant_id, field=CLIENT_SECRET, owner_id=credential.pk, sealed=sealed
    )


def secret_open(credential: Credential) -> Secret:
    """Open a credential's secret.

    Raises:
        SealError: it is gone, was moved from elsewhere, or names a key that never sealed anything.
        SealUnavailable: the key service does not answer now.
        KeyringError: its key is one of ours, of which this process has been given none or another.
    """
    kept = SealedSecret.objects.filter(
        tenant_id=credential.tenant_id, field=CLIENT_SECRET, owner_id=credential.pk
    ).first()
    if kept is None:
        raise SealError("malformed")
    tenant_id, row, ring = credential.tenant_id, credential.pk, keyring()
    try:
        return unseal(ring, kept.sealed, tenant=tenant_id, field=CLIENT_SECRET, row=row)
    except SealError as error:
        refuse_if_behind(ring, error, kept.sealed)
        raise


def secret_destroy(credential: Credential) -> None:
    SealedSecret.objects.filter(
        tenant_id=credential.tenant_id, field=CLIENT_SECRET, owner_id=credential.pk
    ).delete()

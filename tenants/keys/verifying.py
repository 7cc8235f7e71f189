"""Opening every sealed value once, to know that it can be done."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from tenants.models import SealedSecret
from tenants.vault.envelope import unseal
from tenants.vault.errors import SealError
from tenants.vault.keyring import Keyring


@dataclass(frozen=True)
class Broken:
    """A sealed value that does not open; ``reason`` is that of `SealError`."""

    tenant_id: UUID
    owner_id: UUID
    reason: str


def verify_all(ring: Keyring) -> Iterator[Broken | None]:
    """One answer for each sealed value of all tenants: None where it opens.

    Raises:
        SealUnavailable: a key service does not answer.
        KeyringError: of a key only its public half is here.
    """
    for row in SealedSecret.objects.order_by("pk").iterator(chunk_size=500):
        yield _tried(ring, row)


def _tried(ring: Keyring, row: SealedSecret) -> Broken | None:
    try:
        unseal(ring, row.sealed, tenant=row.tenant_id, field=row.field, row=row.owner_id)
    except SealError as error:
        return Broken(row.tenant_id, row.owner_id, error.reason)
    return None

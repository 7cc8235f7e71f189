"""Moving sealed values to the primary key, beside live traffic.

A value is replaced only if it still is what was read: a secret that a customer renews meanwhile
stays the customer's. Whoever is stopped goes on by starting again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from tenants.keys.canaries import canary_ensure, key_prove
from tenants.keys.counts import under
from tenants.keys.ring import keyring
from tenants.models import AuditEvent, SealedSecret
from tenants.vault.envelope import rewrap, seal, unseal
from tenants.vault.errors import KeyringError, SealError
from tenants.vault.keyring import Keyring

BATCH = 500


@dataclass(frozen=True)
class Batch:
    """What became of some values: ``lost`` had changed meanwhile, ``broken`` do not open."""

    moved: int
    lost: int
    broken: tuple[UUID, ...]
    last: UUID


def waiting(ring: Keyring, *, reencrypt: bool = False) -> QuerySet[SealedSecret]:
    """What a re-wrap has yet to do."""
    values = SealedSecret.objects.order_by("pk")
    return values if reencrypt else values.exclude(under(ring.primary))


def rewrap_all(
    ring: Keyring, *, login: str, size: int = BATCH, reencrypt: bool = False
) -> Iterator[Batch]:
    """Bring every value under the primary key; yields after each batch that is committed.

    ``reencrypt`` also gives each value a new data key, for when those may have been seen.

    Raises:
        SealUnavailable: a key service does not answer. What was yielded is done.
        KeyringError: the primary is not the key that others seal under by its id; or another key
            has become the primary: two moves would go on for ever.
    """
    canary_ensure(ring)
    key_prove(ring, ring.primary)
    moved = 1
    while moved:  # what was sealed under another key behind our back is found the next time round
        moved = 0
        left = waiting(ring, reencrypt=reencrypt)
        while rows := list(left[:size]):
            _refuse_if_overtaken(ring)
            batch = _move(ring, rows, login, reencrypt)
            yield batch
            moved += 0 if reencrypt else batch.moved
            left = left.filter(pk__gt=batch.last)


def _refuse_if_overtaken(ring: Keyring) -> None:
    if (now := keyring().primary) != ring.primary:
        raise KeyringError(
            f"{now} is the primary key now, so no more values move to {ring.primary}. Go on with: "
            "manage.py keys rewrap"
        )


def _move(ring: Keyring, rows: list[SealedSecret], login: str, reencrypt: bool) -> Batch:
    # A key service may be asked for each of them: not inside the transaction.
    renewed = {row: _renewed(ring, row, reencrypt) for row in rows}
    broken = tuple(row.pk for row, sealed in renewed.items() if not sealed)
    with transaction.atomic():
        moved = _swap({row: sealed for row, sealed in renewed.items() if sealed})
        batch = Batch(moved, len(rows) - len(broken) - moved, broken, rows[-1].pk)
        _record(batch, ring, login)
    return batch


def _record(batch: Batch, ring: Keyring, login: str) -> None:
    AuditEvent.objects.record(
        "keys.rewrapped",
        via="command",
        login=login,
        to=ring.primary,
        moved=batch.moved,
        lost=batch.lost,
        broken=len(batch.broken),
    )


def _renewed(ring: Keyring, row: SealedSecret, reencrypt: bool) -> str:
    """The value under the primary key; nothing for one that does not open."""
    tenant, field, owner = row.tenant_id, row.field, row.owner_id
    try:
        if not reencrypt:
            return rewrap(ring, row.sealed, tenant=tenant, field=field, row=owner)
        secret = unseal(ring, row.sealed, tenant=tenant, field=field, row=owner)
    except SealError:
        return ""
    return seal(ring, secret, tenant=tenant, field=field, row=owner)


def _swap(renewed: dict[SealedSecret, str]) -> int:
    """Replace each value that still is what was read; returns how many were.

    One statement for all, because a round trip for each takes most of the time.
    """
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE tenants_sealedsecret SET sealed = %s WHERE id = %s AND sealed = %s",
            [(sealed, _in_sql(row.pk), row.sealed) for row, sealed in renewed.items()],
        )
        count: int = cursor.rowcount
    return max(0, count)


def _in_sql(pk: UUID) -> str | UUID:
    """SQLite keeps it as text."""
    value: str | UUID = SealedSecret._meta.pk.get_db_prep_value(pk, connection)
    return value

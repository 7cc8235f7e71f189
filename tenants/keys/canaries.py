"""Is each key here the one it claims to be? Asked at start, before a customer finds out."""

from uuid import NAMESPACE_OID, UUID, uuid5

from tenants.keys.counts import sealed_counts
from tenants.models import KeyCanary
from tenants.vault.envelope import key_id_of, seal, unseal
from tenants.vault.errors import KeyringError, SealError
from tenants.vault.keyring import Keyring
from tenants.vault.secret import Secret

FIELD = "tenants.KeyCanary.sealed"
_NOBODY = UUID(int=0)


class KeysUnproven(KeyringError):
    """Keys are missing or are not those that values were sealed with."""

    code = "keys_unproven"


def canary_ensure(ring: Keyring) -> None:
    """Leave a canary under the primary key, before or with the first secret that it seals."""
    if not KeyCanary.objects.filter(pk=ring.primary).exists():
        public = ring.public if ring.opens else ""
        canary = KeyCanary(key_id=ring.primary, sealed=_seal_canary(ring), public=public)
        # Another process may do the same at this moment; either canary will do.
        KeyCanary.objects.bulk_create([canary], ignore_conflicts=True)


def refuse_if_behind(ring: Keyring, error: SealError, sealed: str) -> None:
    """Tell a value that is broken from a process whose key ring is out of date, or is another one.

    Raises:
        KeysUnproven: the key does not open its canary either, so nothing is known about the value.
    """
    if error.reason == "malformed":
        return
    canary = KeyCanary.objects.filter(pk=key_id_of(sealed)).first()
    if canary and (fault := _fault(ring, canary)):
        raise KeysUnproven(
            f"Values are sealed under {canary.key_id}, which this process cannot use ({fault}). "
            "Hand out the newest key file."
        ) from error


def key_prove(ring: Keyring, key_id: str) -> None:
    """Refuse a key by whose id the database knows another one: under it values would be mixed.

    Raises:
        KeysUnproven: it does not open its canary.
        SealUnavailable: its key service does not answer.
    """
    canary = KeyCanary.objects.filter(pk=key_id).first()
    if canary and (fault := _fault(ring, canary)):
        raise KeysUnproven(
            f"Values were sealed under another key of the id {key_id} than the one here ({fault}). "
            "Put back the key file that holds it, or give a new key another id."
        )


def keys_prove(ring: Keyring) -> None:
    """Open a canary of every key that holds values, and seal with the primary.

    A ring that only seals must do so with the public half of a key that others open.

    Raises:
        KeysUnproven: in a sentence that names the keys and what to do.
        SealUnavailable: a key service does not answer, so nothing is known yet.
    """
    _seal_canary(ring)
    if not ring.opens:
        _prove_half(ring)
        return
    in_use = {*sealed_counts(), ring.primary}
    canaries = KeyCanary.objects.filter(pk__in=in_use).order_by("pk")
    faults = {canary.key_id: _fault(ring, canary) for canary in canaries}
    if told := "; ".join(f"{key_id}: {fault}" for key_id, fault in faults.items() if fault):
        raise KeysUnproven(
            f"The key ring does not open what is stored ({told}). Put back the key file that holds "
            "these keys; `manage.py keys verify` tells more."
        )
    if ring.public:
        _vouch(ring)


def _vouch(ring: Keyring) -> None:
    """Let those who only seal know that somebody opens."""
    canary_ensure(ring)
    KeyCanary.objects.filter(pk=ring.primary, public="").update(public=ring.public)


def _prove_half(ring: Keyring) -> None:
    ours = KeyCanary.objects.filter(pk=ring.primary, public=ring.public)
    if not ours.exists():
        raise KeysUnproven(
            f"No worker has opened anything with the other half of {ring.primary} yet, so what is "
            "sealed here might never be opened. Start a worker with the whole key file, or write "
            "this one anew: manage.py keys public FILE"
        )


def _fault(ring: Keyring, canary: KeyCanary) -> str:
    """What is wrong with a key, or nothing."""
    row = _row(canary.key_id)
    try:
        unseal(ring, canary.sealed, tenant=_NOBODY, field=FIELD, row=row)
    except SealError as error:
        missing = error.reason == "unknown key id"
        return "missing or retired" if missing else "another key under the same id"
    except KeyringError:
        return "only its public half is here"
    return ""


def _seal_canary(ring: Keyring) -> str:
    row = _row(ring.primary)
    return seal(ring, Secret("canary"), tenant=_NOBODY, field=FIELD, row=row)


def _row(key_id: str) -> UUID:
    return uuid5(NAMESPACE_OID, key_id)

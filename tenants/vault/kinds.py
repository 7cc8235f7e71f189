"""From what a key file says of a key to the key itself."""

from collections.abc import Callable, Mapping
from uuid import UUID

from tenants.vault import aws_kms, hpke, transit
from tenants.vault.envelope import seal, unseal
from tenants.vault.errors import KeyringError
from tenants.vault.keyring import Keyring
from tenants.vault.keys import LocalKey, WrappingKey
from tenants.vault.ringtext import RingText, Spec, decoded, random_text

LOCAL = "local"
_NIL = UUID(int=0)
#: Each takes what the file says beside ``kind``, and raises KeyringError for what it cannot use.
KINDS: Mapping[str, Callable[[Mapping[str, str]], WrappingKey]] = {
    aws_kms.KIND: aws_kms.AwsKmsKey.from_spec,
    hpke.KIND: hpke.HpkeKey.from_spec,
    transit.KIND: transit.TransitKey.from_spec,
}


def ring_of(text: RingText) -> Keyring:
    """The ring that a text describes. No key service is asked yet.

    Raises:
        KeyringError: in a sentence that repeats nothing of the text.
    """
    caches = decoded(text.caches)
    if bool(caches) != bool(text.caches):
        raise KeyringError('"caches" of the key ring must be the base64 text of 32 bytes.')
    keys = {key_id: key_of(spec) for key_id, spec in text.keys.items()}
    return Keyring(text.primary, keys, caches=caches, retired=text.retired)


def key_of(spec: Spec) -> WrappingKey:
    if isinstance(spec, str):
        return LocalKey(decoded(spec))
    make = KINDS.get(spec.get("kind", ""))
    if make is None:
        raise KeyringError(f"A key of the key ring must be base64 or of a kind: {_kinds()}.")
    return make({name: value for name, value in spec.items() if name != "kind"})


def key_try(key_id: str, spec: Spec) -> None:
    """Seal and open something worthless with a key, before anything depends on it.

    Raises:
        KeyringError, SealError, SealUnavailable: it does not work.
    """
    ring, place = Keyring(key_id, {key_id: key_of(spec)}), {"tenant": _NIL, "row": _NIL}
    unseal(ring, seal(ring, "trial", field="trial", **place), field="trial", **place)


def new_spec(kind: str, told: Mapping[str, str]) -> Spec:
    """What a key file says of a new key: a fresh one, or one that a key service has already.

    Raises:
        KeyringError: ``told`` is not what such a key needs.
    """
    if kind in (LOCAL, hpke.KIND) and told:
        raise KeyringError(f"A new {kind} key needs no settings.")
    if kind == LOCAL:
        return random_text()
    spec = hpke.new_spec() if kind == hpke.KIND else {"kind": kind, **told}
    key_of(spec)
    return spec


def _kinds() -> str:
    return ", ".join(sorted(KINDS))

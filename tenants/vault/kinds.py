"""From what a key file says of a key to the key itself."""

from collections.abc import Callable, Mapping

from tenants.vault.errors import KeyringError
from tenants.vault.keyring import Keyring
from tenants.vault.keys import LocalKey, WrappingKey
from tenants.vault.ringtext import RingText, Spec, decoded

#: Each takes what the file says beside ``kind``, and raises KeyringError for what it cannot use.
KINDS: Mapping[str, Callable[[Mapping[str, str]], WrappingKey]] = {}


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


def _kinds() -> str:
    return ", ".join(sorted(KINDS)) or "none"

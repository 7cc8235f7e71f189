"""The keys of an installation by their ids. One of them seals; whichever a text names opens it."""

import re
from collections.abc import Collection, Mapping
from typing import NoReturn, Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tenants.vault.errors import KeyringError, SealError
from tenants.vault.keys import KEY_BYTES, LocalKey, WrappingKey

KEY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class KeyProvider(Protocol):
    """What sealing needs of a ring."""

    @property
    def primary(self) -> str:
        """The id of the key that new values are sealed under."""

    def wrap(self, dek: bytes, key_id: str, aad: bytes) -> bytes:
        """Encrypt a 32-byte data key; the answer opens only with the same id and ``aad``.

        Raises:
            SealError: "unknown key id".
            SealUnavailable: the key's service could not be asked.
        """

    def unwrap(self, wrapped: bytes, key_id: str, aad: bytes) -> bytes:
        """The data key again, trying the named key and no other.

        Raises:
            SealError: any of its reasons.
            SealUnavailable: the key's service could not be asked.
            KeyringError: of this key we hold the public half only.
        """


class Keyring:
    """Keys of any kinds. A retired one is kept, but opens nothing."""

    def __init__(
        self,
        primary: str,
        keys: Mapping[str, WrappingKey],
        *,
        caches: bytes = b"",
        retired: Collection[str] = (),
    ) -> None:
        """``caches``: 32 bytes that `derive` starts from; without them it starts from the primary.

        Raises:
            KeyringError: the primary is missing or retired, or an id or ``caches`` is unfit.
        """
        _refuse_unfit(primary, keys, caches, retired)
        self._primary = primary
        self._keys = {key_id: key for key_id, key in keys.items() if key_id not in retired}
        self._root = caches or _material(keys[primary])

    @property
    def primary(self) -> str:
        return self._primary

    @property
    def opens(self) -> bool:
        """False where a public half is all there is: such a process seals and never opens."""
        return any(key.opens for key in self._keys.values())

    @property
    def public(self) -> str:
        """The public half of the primary key in base64; nothing for one that has none."""
        return self._keys[self._primary].public

    def wrap(self, dek: bytes, key_id: str, aad: bytes) -> bytes:
        return self._key(key_id).wrap(dek, aad)

    def unwrap(self, wrapped: bytes, key_id: str, aad: bytes) -> bytes:
        return self._key(key_id).unwrap(wrapped, aad)

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one other purpose, e.g. ``"token-cache"``, by HKDF-SHA256.

        What is kept under them must bear being lost.

        Raises:
            KeyringError: there is nothing to start from, as in a process that only seals.
        """
        if not self._root:
            raise KeyringError(
                'The key ring has no "caches" key, and its primary key is not held here: this '
                "process can seal secrets and cannot ask for tokens."
            )
        info = f"okta-hub/{purpose}/1".encode()
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._root)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(primary={self._primary!r}, key_ids={sorted(self._keys)!r})"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key ring is neither pickled nor copied")

    def _key(self, key_id: str) -> WrappingKey:
        try:
            return self._keys[key_id]
        except KeyError:
            raise SealError("unknown key id") from None


class LocalKeyring(Keyring):
    """A ring of keys that are all held in this process."""

    def __init__(self, primary: str, keys: Mapping[str, bytes]) -> None:
        """``keys`` maps ids to 32 bytes each. Raises KeyringError for anything else."""
        super().__init__(primary, {key_id: LocalKey(key) for key_id, key in keys.items()})


def _material(key: WrappingKey) -> bytes:
    return key.material if isinstance(key, LocalKey) else b""


def _refuse_unfit(
    primary: str, keys: Mapping[str, WrappingKey], caches: bytes, retired: Collection[str]
) -> None:
    if primary not in keys:
        raise KeyringError("The primary key of the key ring is not among its keys.")
    if primary in retired or not keys.keys() >= set(retired):
        raise KeyringError("Only a key of the key ring that is not its primary can be retired.")
    if not all(KEY_ID.fullmatch(key_id) for key_id in keys):
        raise KeyringError(
            "A key id is 1 to 32 lower-case letters, digits and dashes, no dash first."
        )
    if caches and len(caches) != KEY_BYTES:
        raise KeyringError('"caches" of the key ring must be the base64 text of 32 bytes.')

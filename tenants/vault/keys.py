"""One key that wraps data keys: what every kind of key has to keep, and the plain kind."""

from os import urandom
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenants.vault.errors import KeyringError, SealError

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES


class WrappingKey(Protocol):
    """A key in this process or in a key service. Safe for threads."""

    @property
    def opens(self) -> bool:
        """False for a public half, which can seal and nothing else."""

    @property
    def public(self) -> str:
        """The public half in base64; nothing for a key that has none."""

    def wrap(self, dek: bytes, aad: bytes) -> bytes:
        """Encrypt a 32-byte data key; the answer opens only with the same key and ``aad``.

        Raises:
            SealUnavailable: the key service could not be asked, or did not let us.
        """

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """The data key again.

        Raises:
            SealError: "malformed" or "authentication failed".
            SealUnavailable: the key service could not be asked, or did not let us.
            KeyringError: this is a public half.
        """


class LocalKey:
    """32 bytes in this process, AES-256-GCM."""

    opens = True
    public = ""

    def __init__(self, material: bytes) -> None:
        """Raises KeyringError for anything but 32 bytes."""
        if len(material) != KEY_BYTES:
            raise KeyringError("Every key of the key ring must be the base64 text of 32 bytes.")
        self.material = material
        self._cipher = AESGCM(material)

    def wrap(self, dek: bytes, aad: bytes) -> bytes:
        nonce = urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, dek, aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        if len(wrapped) != WRAPPED_BYTES:
            raise SealError("malformed")
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], aad)
        except InvalidTag:
            raise SealError("authentication failed") from None

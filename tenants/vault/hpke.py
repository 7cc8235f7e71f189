"""A key with two halves: whoever holds the public one seals, only the private one opens.

HPKE (RFC 9180) in base mode with X25519, HKDF-SHA256 and AES-256-GCM. Web processes get the public
half: whoever breaks into one reads no secret that was sealed before.
"""

import base64
from collections.abc import Mapping
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from tenants.vault.errors import KeyringError, SealError
from tenants.vault.keys import KEY_BYTES, TAG_BYTES
from tenants.vault.ringtext import decoded

KIND = "hpke"
WRAPPED_BYTES = 32 + KEY_BYTES + TAG_BYTES

_suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class HpkeKey:
    def __init__(self, public: bytes, private: bytes = b"") -> None:
        """Raises KeyringError: a half is not 32 bytes, or they are no pair."""
        if len(public) != KEY_BYTES or len(private) not in (0, KEY_BYTES):
            raise KeyringError("Either half of an hpke key must be the base64 text of 32 bytes.")
        self.public = base64.b64encode(public).decode()
        self._public = _agreeable(X25519PublicKey.from_public_bytes(public))
        self._private = X25519PrivateKey.from_private_bytes(private) if private else None
        if self._private and self._private.public_key() != self._public:
            raise KeyringError("The two halves of an hpke key do not belong together.")

    @classmethod
    def from_spec(cls, spec: Mapping[str, str]) -> Self:
        """``{"public": base64, "private": base64}``, the latter only where secrets are opened."""
        if not {"public"} <= spec.keys() <= {"public", "private"}:
            raise KeyringError('An hpke key has a "public" and a "private" half.')
        private = decoded(spec.get("private", ""))
        if bool(private) != ("private" in spec):
            raise KeyringError("Either half of an hpke key must be the base64 text of 32 bytes.")
        return cls(decoded(spec["public"]), private)

    @property
    def opens(self) -> bool:
        return self._private is not None

    def wrap(self, dek: bytes, aad: bytes) -> bytes:
        return _suite.encrypt(dek, self._public, info=aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        if self._private is None:
            raise KeyringError(
                "Only the public half of this key is here: this process seals secrets, and opens "
                "none."
            )
        if len(wrapped) != WRAPPED_BYTES:
            raise SealError("malformed")
        try:
            return _suite.decrypt(wrapped, self._private, info=aad)
        except (InvalidTag, ValueError):
            raise SealError("authentication failed") from None


def _agreeable(public: X25519PublicKey) -> X25519PublicKey:
    """Of some 32 bytes, such as nothing but zeros, no key can be agreed upon (RFC 7748 §6.1)."""
    try:
        X25519PrivateKey.generate().exchange(public)
    except ValueError:
        raise KeyringError("The public half of an hpke key is no half of any pair.") from None
    return public


def new_spec() -> dict[str, str]:
    """A fresh pair, as it stands in a key file."""
    private = X25519PrivateKey.generate()
    return {
        "kind": KIND,
        "public": base64.b64encode(private.public_key().public_bytes_raw()).decode(),
        "private": base64.b64encode(private.private_bytes_raw()).decode(),
    }

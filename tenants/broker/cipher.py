"""A token as it lies in Redis: AES-256-GCM under a key that Redis never sees."""

from os import urandom

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenants.broker.memory import CachedToken
from tenants.okta.oauth import AccessToken

NONCE_BYTES = 12

_Fields = tuple[str, list[str], float, float]
_decoder = msgspec.msgpack.Decoder(_Fields)


class TokenCipher:
    """Binds each value to its Redis key: copied under another key it is worth nothing."""

    def __init__(self, cache_key: bytes) -> None:
        self._cipher = AESGCM(cache_key)

    def seal(self, name: str, cached: CachedToken) -> bytes:
        """12 bytes of nonce, then the ciphertext with its tag."""
        token, nonce = cached.token, urandom(NONCE_BYTES)
        fields = (token.value, sorted(token.scopes), token.expires_at, cached.use_until)
        return nonce + self._cipher.encrypt(nonce, msgspec.msgpack.encode(fields), name.encode())

    def open(self, name: str, sealed: bytes) -> CachedToken | None:
        """None for what this key and this version did not write: a miss and not an error."""
        try:
            plain = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name.encode())
            value, scopes, expires_at, use_until = _decoder.decode(plain)
        except (InvalidTag, ValueError):
            return None
        return CachedToken(AccessToken(value, frozenset(scopes), expires_at), use_until)

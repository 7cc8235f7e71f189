"""A token as it lies in Redis: AES-256-GCM under a key that Redis never sees."""

from os import urandom

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenants.broker.cached import CachedToken, found, useful_s

NONCE_BYTES = 12

_Fields = tuple[str, list[str], float]
_decoder = msgspec.msgpack.Decoder(_Fields)


class TokenCipher:
    """Binds each value to its Redis key: copied under another key it is worth nothing."""

    def __init__(self, cache_key: bytes) -> None:
        self._cipher = AESGCM(cache_key)

    def seal(self, name: str, cached: CachedToken) -> bytes:
        """12 bytes of nonce, then the ciphertext with its tag. When the token ends is not in it:
        that is what the key's own life in Redis says."""
        nonce = urandom(NONCE_BYTES)
        fields = (cached.token.value, sorted(cached.token.scopes), cached.life_s)
        return nonce + self._cipher.encrypt(nonce, msgspec.msgpack.encode(fields), name.encode())

    def open(
        self, name: str, sealed: bytes, *, now: float, left_s: float = 0.0
    ) -> CachedToken | None:
        """None for what this key and this version did not write: a miss and not an error.

        ``left_s`` is how long Redis would keep it. That is counted by a clock which can be set
        back, so it is never taken for more than a new token has.
        """
        try:
            plain = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name.encode())
            value, scopes, life_s = _decoder.decode(plain)
        except (InvalidTag, ValueError):
            return None
        use_until = now + min(left_s, useful_s(life_s))
        return found(value, frozenset(scopes), life_s, use_until, sealed)

"""The keys that wrap data keys, and the contract any other holder of such keys must keep."""

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from os import urandom
from pathlib import Path
from typing import Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tenants.vault.errors import KeyringError, SealError
from tenants.vault.keyfile import read_key_file, write_key_file

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES
KEY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class KeyProvider(Protocol):
    """Whoever wraps data keys: a ring in memory today, a key service elsewhere."""

    @property
    def primary(self) -> str:
        """The id of the key that new values are sealed under."""

    def wrap(self, dek: bytes, key_id: str, aad: bytes) -> bytes:
        """Encrypt a 32-byte data key; the answer opens only with the same id and ``aad``.

        Raises:
            SealError: "unknown key id".
            SealUnavailable: the provider could not be asked.
        """

    def unwrap(self, wrapped: bytes, key_id: str, aad: bytes) -> bytes:
        """The data key again, trying the named key and no other.

        Raises:
            SealError: any of its reasons.
            SealUnavailable: the provider could not be asked.
        """


class LocalKeyring:
    """Keys held in this process. One of them is primary: it seals, and derives other keys."""

    def __init__(self, primary: str, keys: Mapping[str, bytes]) -> None:
        """``keys`` maps ids to 32 bytes each. Raises KeyringError for anything else."""
        _refuse_unfit(primary, keys)
        self._primary = primary
        self._primary_key = keys[primary]
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}

    @classmethod
    def create(cls, path: Path | str) -> Self:
        """Write a ring with one fresh key to ``path``; see ``write_key_file`` for refusals."""
        # The random end keeps two rings made in one year from answering to the same id.
        key_id = f"local-{datetime.now(UTC):%Y}-{urandom(3).hex()}"
        key = AESGCM.generate_key(KEY_BYTES * 8)
        text = {"primary": key_id, "keys": {key_id: base64.b64encode(key).decode()}}
        write_key_file(Path(path), json.dumps(text, indent=2) + "\n")
        return cls(key_id, {key_id: key})

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a key file. Raises KeyringError, whose sentence names the remedy."""
        return cls.from_text(read_key_file(Path(path)))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read ``{"primary": id, "keys": {id: base64 of 32 bytes}}``.

        Text out of an environment variable works too, but every child process and crash dump
        sees it: the caller should warn.
        """
        # Errors are raised outside the helpers' handlers: a decoding error keeps the whole text.
        document = _parsed(text)
        match document:
            case {"primary": str(primary), "keys": dict(keys), **others} if not others:
                return cls(primary, {key_id: _decoded(key) for key_id, key in keys.items()})
        raise KeyringError('Key text must be JSON: {"primary": id, "keys": {id: base64}}.')

    @property
    def primary(self) -> str:
        return self._primary

    def wrap(self, dek: bytes, key_id: str, aad: bytes) -> bytes:
        nonce = urandom(NONCE_BYTES)
        return nonce + self._cipher(key_id).encrypt(nonce, dek, aad)

    def unwrap(self, wrapped: bytes, key_id: str, aad: bytes) -> bytes:
        cipher = self._cipher(key_id)
        if len(wrapped) != WRAPPED_BYTES:
            raise SealError("malformed")
        try:
            return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], aad)
        except InvalidTag:
            raise SealError("authentication failed") from None

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one other purpose, e.g. ``"token-cache"``, by HKDF-SHA256.

        They follow the primary key: what is kept under them must bear being lost when it changes.
        """
        info = f"okta-hub/{purpose}/1".encode()
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._primary_key)

    def __repr__(self) -> str:
        return f"LocalKeyring(primary={self._primary!r}, key_ids={sorted(self._ciphers)!r})"

    def _cipher(self, key_id: str) -> AESGCM:
        try:
            return self._ciphers[key_id]
        except KeyError:
            raise SealError("unknown key id") from None


def _refuse_unfit(primary: str, keys: Mapping[str, bytes]) -> None:
    if primary not in keys:
        raise KeyringError("The primary key of the key ring is not among its keys.")
    if not all(KEY_ID.fullmatch(key_id) for key_id in keys):
        raise KeyringError(
            "A key id is 1 to 32 lower-case letters, digits and dashes, no dash first."
        )
    if any(len(key) != KEY_BYTES for key in keys.values()):
        raise KeyringError("Every key of the key ring must be the base64 text of 32 bytes.")


def _parsed(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        return None


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError("a name appears twice")
    return found


def _decoded(key: object) -> bytes:
    """The key's bytes; none at all, which no ring accepts, for what is not base64."""
    try:
        return base64.b64decode(key, validate=True) if isinstance(key, str) else b""
    except ValueError:
        return b""

"""Sealing: turn a customer's secret into text that opens only in the place it was made for.

    okv1 : key id : base64url( u16 length of W | W | nonce | C )

W is a fresh data key wrapped by the key ring; C is the secret under that data key, AES-256-GCM
both times. Tenant, field and row are authenticated on either layer but written on neither, so a
value copied to another row, column or tenant does not open. The key id is bound to W alone: a
value can be re-wrapped under a new key without touching C.
"""

import base64
import binascii
import re
from os import urandom
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenants.vault.errors import SealError
from tenants.vault.framing import SEALED, framed
from tenants.vault.keyring import KEY_ID, KeyProvider
from tenants.vault.keys import KEY_BYTES, NONCE_BYTES, TAG_BYTES
from tenants.vault.secret import Secret

VERSION = "okv1"
MAX_CHARS = 64 * 1024
_SEALED = re.compile(rf"{VERSION}:(?P<key_id>{KEY_ID.pattern}):(?P<body>[A-Za-z0-9_-]+)")


class _Sealed(NamedTuple):
    key_id: str
    wrapped: bytes
    nonce: bytes
    ciphertext: bytes


def seal(ring: KeyProvider, plaintext: Secret | str, *, tenant: UUID, field: str, row: UUID) -> str:
    """Seal one secret for one place, under the ring's primary key.

    Args:
        field: ``"app.Model.field"``, at most 65,535 bytes.
        row: the row's primary key, which therefore exists before the row is saved.

    Returns:
        ASCII text, about 190 characters for a client secret of 40.

    Raises:
        ValueError: the sealed text would pass 64 kB, or the plaintext is not Unicode text.
        SealUnavailable: the key provider could not be asked.
    """
    place = (str(tenant), field, str(row))
    dek, nonce = urandom(KEY_BYTES), urandom(NONCE_BYTES)
    wrapped = ring.wrap(dek, ring.primary, _aad("dek", ring.primary, *place))
    ciphertext = AESGCM(dek).encrypt(nonce, _utf8(plaintext), _aad("data", *place))
    return _put_together(_Sealed(ring.primary, wrapped, nonce, ciphertext))


def unseal(ring: KeyProvider, sealed: str, *, tenant: UUID, field: str, row: UUID) -> Secret:
    """Open what ``seal`` made for this very tenant, field and row.

    Raises:
        SealError: whatever is wrong with the text, the place or the key.
        SealUnavailable: the key provider could not be asked; nothing is known about the text.
    """
    place = (str(tenant), field, str(row))
    found = _taken_apart(sealed)
    return _opened(_data_key(ring, found, place), found, _aad("data", *place))


def rewrap(ring: KeyProvider, sealed: str, *, tenant: UUID, field: str, row: UUID) -> str:
    """The same sealed secret with its data key under the ring's primary; nothing is revealed.

    Raises:
        SealError, SealUnavailable: as ``unseal`` does.
    """
    place = (str(tenant), field, str(row))
    found = _taken_apart(sealed)
    dek, key_id = _data_key(ring, found, place), ring.primary
    wrapped = ring.wrap(dek, key_id, _aad("dek", key_id, *place))
    return _put_together(found._replace(key_id=key_id, wrapped=wrapped))


def key_id_of(sealed: str) -> str:
    """The id of the key a sealed text names, without opening it. Raises SealError "malformed"."""
    return _taken_apart(sealed).key_id


def _data_key(ring: KeyProvider, found: _Sealed, place: tuple[str, str, str]) -> bytes:
    dek = ring.unwrap(found.wrapped, found.key_id, _aad("dek", found.key_id, *place))
    if len(dek) != KEY_BYTES:
        raise SealError("malformed")
    return dek


def _opened(dek: bytes, found: _Sealed, aad: bytes) -> Secret:
    try:
        return Secret(AESGCM(dek).decrypt(found.nonce, found.ciphertext, aad).decode())
    except InvalidTag:
        raise SealError("authentication failed") from None


def _put_together(parts: _Sealed) -> str:
    body = len(parts.wrapped).to_bytes(2, "big") + parts.wrapped + parts.nonce + parts.ciphertext
    sealed = f"{VERSION}:{parts.key_id}:{_base64(body)}"
    if len(sealed) > MAX_CHARS:
        raise ValueError("too long to seal")
    return sealed


def _taken_apart(sealed: str) -> _Sealed:
    match = _SEALED.fullmatch(sealed) if len(sealed) <= MAX_CHARS else None
    if match is None:
        raise SealError("malformed")
    body = _unbase64(match["body"])
    nonce_at = 2 + int.from_bytes(body[:2], "big")
    data_at = nonce_at + NONCE_BYTES
    if len(body) < data_at + TAG_BYTES:
        raise SealError("malformed")
    return _Sealed(match["key_id"], body[2:nonce_at], body[nonce_at:data_at], body[data_at:])


def _aad(*parts: str) -> bytes:
    return SEALED + framed(*parts)


def _utf8(plaintext: Secret | str) -> bytes:
    text = plaintext.expose() if isinstance(plaintext, Secret) else plaintext
    encoded = text.encode("utf-8", "replace")
    # An encoding error would carry the whole text along.
    if encoded.decode() != text:
        raise ValueError("only Unicode text can be sealed")
    return encoded


def _base64(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).decode().rstrip("=")


def _unbase64(text: str) -> bytes:
    try:
        body = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise SealError("malformed") from None
    # Base64 has spare bits at its end: without this several texts would open alike.
    if _base64(body) != text:
        raise SealError("malformed")
    return body

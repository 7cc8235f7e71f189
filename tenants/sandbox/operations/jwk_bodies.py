"""What a JSON Web Key that a client sends must be (RFC 7517), alone and among others."""

import binascii
from base64 import urlsafe_b64decode
from typing import Any

from tenants.sandbox.operations.writes import invalid, malformed
from tenants.sandbox.store import Body

_SHORTEST_BITS = 2048
#: Bytes of a coordinate on P-256, P-384 and P-521.
_COORDINATE_SIZES = (32, 48, 66)


def read_jwk(body: Any) -> Body:
    """A key in Okta's order of fields. Private parts are never kept, should somebody send them.

    Raises:
        Refusal: 400 for a wrong type or word, or a key that is too short or none at all.
    """
    if not isinstance(body, dict) or not all(_is_text(body.get(field)) for field in _TEXTS):
        raise malformed()
    kind, use, status = body.get("kty"), body.get("use"), body.get("status") or "ACTIVE"
    if kind not in ("RSA", "EC") or use not in (None, "sig", "enc"):
        raise malformed()
    if status not in ("ACTIVE", "INACTIVE") or (use == "enc" and kind != "RSA"):
        raise malformed()
    numbers = _read_rsa(body) if kind == "RSA" else _read_ec(body)
    alg = {"alg": body["alg"]} if body.get("alg") else {}
    return {
        "kid": body.get("kid") or None,
        "kty": kind,
        **alg,
        "use": use,
        **numbers,
        "status": status,
    }


_TEXTS = ("kid", "kty", "alg", "use", "status", "e", "n", "x", "y", "crv")


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _read_rsa(body: Body) -> Body:
    require_length(body.get("n") if _decode(body.get("e")) else None)
    return {"e": body["e"], "n": body["n"]}


def require_length(modulus: str | None) -> None:
    """Refuse the base64url modulus of an RSA key that is too short, or none at all (recorded).

    Raises:
        Refusal: 400 in Okta's words.
    """
    if int.from_bytes(_decode(modulus)).bit_length() < _SHORTEST_BITS:
        text = f"RSA key length in the 'jwks' is less than '{_SHORTEST_BITS:,}' bits"
        raise invalid("JsonWebKey", f"{text} for the given key.")


def _read_ec(body: Body) -> Body:
    sizes = {len(_decode(body.get(name))) for name in ("x", "y")}
    if len(sizes) != 1 or not sizes.issubset(_COORDINATE_SIZES):
        raise invalid("JsonWebKey", "The coordinates of an EC key in the 'jwks' are not valid.")
    return {"x": body["x"], "y": body["y"], "crv": body.get("crv")}


def _decode(text: str | None) -> bytes:
    """Base64url with or without padding; nothing for what is not."""
    try:
        return urlsafe_b64decode(f"{(text or '').rstrip('=')}==")
    except (binascii.Error, ValueError):
        return b""


def require_fitting(keys: list[Body]) -> None:
    """Refuse a set of keys that cannot be told apart, or of which two would encrypt.

    Raises:
        Refusal: 400 in Okta's words.
    """
    kids = [key["kid"] for key in keys]
    if len(keys) > 1 and not all(kids):
        text = "Each key should have a unique kid when adding multiple keys. Use the Apps API to"
        more = "update the JWKS to add a kid for the existing key, or delete the existing key and"
        raise invalid("JsonWebKey", f"{text} {more} re-add the key with a kid using the JWKS APIs.")
    if len(set(kids)) < len(kids):
        raise invalid("JsonWebKey", "All keys in the 'jwks' must have a unique `kid`.")
    if len([key for key in keys if key["use"] == "enc" and key["status"] == "ACTIVE"]) > 1:
        text = "The client can have only one active encryption key in the 'jwks'."
        raise invalid("JsonWebKey", text)

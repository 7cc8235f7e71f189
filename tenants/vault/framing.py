"""One unambiguous byte string out of several texts, and the texts out of it again."""

from collections.abc import Iterator

#: Before what is authenticated with every sealed value.
SEALED = b"okta-hub/sealed/1"


def framed(*parts: str) -> bytes:
    """Join texts so that no two different lists give the same bytes.

    Each part is its UTF-8 length as two big-endian bytes, then the text itself; a part of more
    than 65,535 bytes raises OverflowError.
    """
    return b"".join(_framed_one(part.encode()) for part in parts)


def place_of(aad: bytes) -> dict[str, str]:
    """What the authenticated bytes around a data key say, for services that keep a log of it.

    Raises:
        ValueError: they are not those of a data key.
    """
    purpose, key, tenant, field, row = _unframed(aad.removeprefix(SEALED))
    return {"purpose": purpose, "key": key, "tenant": tenant, "field": field, "row": row}


def _framed_one(part: bytes) -> bytes:
    return len(part).to_bytes(2, "big") + part


def _unframed(data: bytes) -> Iterator[str]:
    while data:
        end = 2 + int.from_bytes(data[:2], "big")
        yield data[2:end].decode()
        data = data[end:]

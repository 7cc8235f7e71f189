"""One unambiguous byte string out of several texts."""


def framed(*parts: str) -> bytes:
    """Join texts so that no two different lists give the same bytes.

    Each part is its UTF-8 length as two big-endian bytes, then the text itself; a part of more
    than 65,535 bytes raises OverflowError.
    """
    return b"".join(_framed_one(part.encode()) for part in parts)


def _framed_one(part: bytes) -> bytes:
    return len(part).to_bytes(2, "big") + part

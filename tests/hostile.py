"""What a browser never sends, and an attacker does."""

from urllib.parse import quote

_VALUES = {
    "nul": b"a\0b",
    "lone-surrogate": b"\xed\xa0\x80",
    "not-utf8": b"\xff\xfe",
    "line-ends": b"a\r\nSet-Cookie: b=c",
    "markup": b"<script>alert(1)</script>",
    "turned-round": "\u202eabc\u2028".encode(),
    "sql": b"' OR 1=1 --",
    "path": b"../../etc/passwd",
    "huge-number": b"9" * 400,
    "json": b'{"a": [null, 1e999]}',
    "uuid": b"00000000-0000-0000-0000-000000000000",
    "long": b"x" * 50_000,
}
#: By name, percent-encoded: each goes into a query and into a form's body as it is.
VALUES = {name: quote(value, safe="") for name, value in _VALUES.items()}

#: Bodies and queries that are no list of names and values at all.
ODD = {
    "arrays": "q[]=1&q[0][a]=2&q=1&q=2&kind=app&kind=sync",
    "only-signs": "&&=&;==&%&%0&%zz",
    "many": "&".join(f"f{number}=1" for number in range(1500)),
}

#: What may come back: never a 5xx.
ANSWERS = {200, 204, 302, 400, 403, 404, 405, 409, 413, 414, 422, 429}


def filled(names: set[str], value: str) -> str:
    """A query, or a form's body, that has ``value`` in every field."""
    return "&".join(f"{name}={value}" for name in sorted(names))

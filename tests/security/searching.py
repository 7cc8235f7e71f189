"""Looking for what must not be anywhere, in the clear and in the usual disguises."""

import base64
from urllib.parse import quote

import redis
from django.db import connection


def disguises(marker: str) -> set[bytes]:
    raw = marker.encode()
    forms = {raw, raw.hex().encode(), quote(marker, safe="").encode()}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        # The middle of the three alignments that a marker may have inside a longer text.
        forms |= {encode(b"x" * shift + raw)[4:-4] for shift in range(3)}
    return forms


def leaks(content: bytes, markers: set[bytes]) -> bool:
    return any(marker in content for marker in markers)


def found_in(text: str, markers: set[bytes]) -> str:
    """What stands before a marker, which tells where it comes from; nothing where there is none."""
    content = text.encode()
    at = [where for marker in markers if (where := content.find(marker)) >= 0]
    return content[max(0, min(at) - 300) : min(at)].decode(errors="replace") if at else ""


def leaking_table(markers: set[bytes]) -> str:
    """The name of a table with a marker in it, or nothing."""
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  (our own tables' names)
            if any(leaks(repr(row).encode(), markers) for row in cursor.fetchall()):
                return table
    return ""


def redis_leaks(url: str, markers: set[bytes]) -> bool:
    """Whether a marker is in a key or a value of the database that is used."""
    with redis.Redis.from_url(url) as client:
        kept = {key: client.dump(key) or b"" for key in client.keys("*")}
    return any(leaks(each, markers) for pair in kept.items() for each in pair)

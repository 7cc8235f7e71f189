"""Ids and dates as Okta writes them, drawn from a seed so that every start makes the same."""

import random
import string
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

_ALPHABET = string.ascii_letters + string.digits
_FIRST_DAY = datetime(2022, 3, 1, tzinfo=UTC)
_DAYS = 1200


def stamp(moment: datetime) -> str:
    """Okta's timestamps end in ``.000Z``, whatever the millisecond was."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Ids:
    """Random-looking values for one org; another ``series`` gives other values."""

    def __init__(self, host: str, series: str = "") -> None:
        self.random = random.Random(host)  # noqa: S311 - the same every time is the point
        self._cell = self._text(3)
        self.random.seed(host + series)

    def make(self, prefix: str) -> str:
        """20 characters: type prefix, 13 of its own, ``0`` or ``1``, three of the org's cell."""
        return f"{prefix}{self._text(13)}{self.random.choice('01')}{self._cell}"

    def make_kid(self) -> str:
        """43 characters of base64url; may begin with ``-`` or ``_``."""
        return _base64url(self.random.randbytes(32))

    def make_modulus(self) -> str:
        """Of an RSA key with 2048 bits: the first and the last of them are set."""
        number = int.from_bytes(self.random.randbytes(256)) | 1 << 2047 | 1
        return _base64url(number.to_bytes(256))

    def make_dates(self) -> tuple[str, str]:
        """When something was created and last updated."""
        created = _FIRST_DAY + timedelta(seconds=self.random.randrange(_DAYS * 86_400))
        updated = created + timedelta(seconds=self.random.choice((0, 3, 90_000, 3_000_000)))
        return stamp(created), stamp(updated)

    def _text(self, size: int) -> str:
        return "".join(self.random.choices(_ALPHABET, k=size))


def _base64url(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")

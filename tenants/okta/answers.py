"""What came back from an org: status, header lines, body; and reading its JSON."""

import json
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from tenants.okta.errors import OktaError

MAX_DEPTH = 64
#: Nine times what a page of 200 apps has. Each costs some 50 bytes of memory, however short it is.
MAX_MEMBERS = 200_000
#: Below this there is no room for enough of them to hurt, and counting has its price.
CROWDED_BYTES = 700_000

# Escapes that Python decodes into text no database takes: NUL and lone surrogates.
_UNSTORABLE_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# 32 hex digits or 27 characters, as recorded; opaque by contract.
_REQUEST_ID = re.compile(r"[A-Za-z0-9@._-]{1,64}")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Answer:
    """``headers`` keeps repeated lines, names in lower case: Okta repeats Link and rate limits."""

    status: int
    headers: Headers
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        return next(iter(self.header_all(name)), None)

    def header_all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.headers if key == name)

    @property
    def request_id(self) -> str:
        return _request_id(self.headers)

    @property
    def dated_at(self) -> float | None:
        """Unix seconds by the clock of whoever answered; None when they told none."""
        try:
            return parsedate_to_datetime(self.header("date") or "").timestamp()
        except (ValueError, OverflowError):
            return None

    @property
    def media_type(self) -> str:
        """``application/json``, whatever charset follows it; '' when Okta sent none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        return self.media_type == "application/json" or self.media_type.endswith("+json")

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


@contextmanager
def traceable(headers: Headers) -> Iterator[None]:
    """What goes wrong with an answer of these headers carries its request id."""
    try:
        yield
    except OktaError as error:
        error.request_id = error.request_id or _request_id(headers)
        raise


def _request_id(headers: Headers) -> str:
    """The first ``X-Okta-Request-Id``, '' when it is absent or of no such shape."""
    told = next((value for name, value in headers if name == "x-okta-request-id"), "")
    return told if _REQUEST_ID.fullmatch(told) else ""


class BadJson(ValueError):
    """The body is not JSON we accept. The parser's own error is dropped: it carries the body."""


def read_json(body: bytes, *, strict: bool = False) -> Any:
    """Decode ``body``; ``strict`` refuses repeated keys as well.

    Raises:
        BadJson: no JSON, not UTF-8, NaN or Infinity in any spelling, nested deeper than 64, or of
            more than `MAX_MEMBERS` members.
    """
    refuse_crowd(body)
    try:
        value = _parse(body, strict)
        _refuse_depth(value)
    except (ValueError, RecursionError):
        raise BadJson("the JSON cannot be read") from None
    return value


def refuse_crowd(body: bytes) -> None:
    """Raises BadJson for more members than memory shall hold, counted before any is made."""
    if len(body) > CROWDED_BYTES and body.count(b",") > MAX_MEMBERS:
        raise BadJson("the JSON has too many members")


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in ``body``, {} when it holds anything else: for error bodies only."""
    try:
        value = read_json(body)
    except BadJson:
        return {}
    return value if isinstance(value, dict) else {}


def _parse(body: bytes, strict: bool) -> Any:
    value = json.loads(
        body.decode("utf-8-sig"),
        parse_constant=_refuse_constant,
        parse_float=_finite,
        object_pairs_hook=_unique if strict else None,
    )
    return _storable(value) if _UNSTORABLE_ESCAPE.search(body) else value


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is repeated")
    return value


def _storable(value: Any) -> Any:
    match value:
        case str():
            return _UNSTORABLE.sub("\ufffd", value)
        case list():
            return [_storable(item) for item in value]
        case dict():
            return {_storable(key): _storable(item) for key, item in value.items()}
        case _:
            return value


def _refuse_depth(value: Any, room: int = MAX_DEPTH) -> None:
    if room < 0:
        raise ValueError("nested too deeply")
    if isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            _refuse_depth(item, room - 1)

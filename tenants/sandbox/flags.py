"""Flags of the command: each is one command of the control port, carried out at the start."""

import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from tenants.sandbox.faults import read_fault_text
from tenants.sandbox.store import Body

_HOST = r"(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)"
_ORG = re.compile(_HOST + r"=(?P<apps>\d{1,6})(?P<weak>:weak)?")
_NAMED = re.compile(_HOST + r":(?P<name>[^=]+)=(?P<value>.+)", re.DOTALL)
_VALUED = re.compile(_HOST + r"=(?P<value>.+)")


class OrgWanted(NamedTuple):
    host: str
    apps: int
    weak: bool


def org_wanted(text: str) -> OrgWanted:
    """``HOST=APPS`` or ``HOST=APPS:weak``."""
    parsed = _match(_ORG, text, "HOST=APPS or HOST=APPS:weak")
    return OrgWanted(parsed["host"], int(parsed["apps"]), bool(parsed["weak"]))


def switch(field: str, value: object) -> Callable[[str], Body]:
    """``HOST``: sets a mode of that org to a fixed value."""
    return lambda host: _set(host, field, value)


def amount(field: str) -> Callable[[str], Body]:
    """``HOST=NUMBER``: sets a mode of that org to a number."""

    def read(text: str) -> Body:
        parsed = _match(_VALUED, text, "HOST=NUMBER")
        return _set(parsed["host"], field, _read_json(parsed["value"]))

    return read


def mode(text: str) -> Body:
    """``HOST:FIELD=VALUE``; the value is JSON, or else a plain word."""
    parsed = _match(_NAMED, text, "HOST:FIELD=VALUE")
    return _set(parsed["host"], parsed["name"], _read_json(parsed["value"]))


def rate_limit(text: str) -> Body:
    """``HOST:BUCKET=NUMBER``."""
    parsed = _match(_NAMED, text, "HOST:BUCKET=NUMBER")
    if not re.fullmatch(r"[0-9]{1,9}", parsed["value"]):
        raise ArgumentTypeError(f"{parsed['value']!r} is no number of requests a minute")
    limit = {"bucket": parsed["name"], "limit": int(parsed["value"])}
    return {"host": parsed["host"], "do": "rate_limit", **limit}


def fault(text: str) -> Body:
    """One fault as JSON; without a host of its own it meets them all."""
    try:
        read = read_fault_text(text)
    except ValueError as exc:
        raise ArgumentTypeError(str(exc)) from exc
    return {"host": "*", "do": "fault", "fault": msgspec.to_builtins(read)}


def _set(host: str, field: str, value: object) -> Body:
    return {"host": host, "do": "set", "field": field, "value": value}


def _match(pattern: re.Pattern[str], text: str, form: str) -> re.Match[str]:
    parsed = pattern.fullmatch(text)
    if parsed is None:
        raise ArgumentTypeError(f"{text!r} is not {form}")
    return parsed


def _read_json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text

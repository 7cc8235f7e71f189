"""Faults from JSON."""

from pathlib import Path
from typing import get_args

import msgspec

from tenants.sandbox.faults.deliveries import Delay, Drip, HugeBody, Truncate, WrongLength
from tenants.sandbox.faults.edits import Body, GzipBomb, HeaderEdit, WrongType
from tenants.sandbox.faults.replacements import Close, Garbage, Redirect, Reset, Silence, Status
from tenants.sandbox.faults.tls import Tls

_Late = Delay | Drip | Truncate | WrongLength | HugeBody
_Edited = HeaderEdit | WrongType | Body | GzipBomb
_Replaced = Status | Redirect | Garbage | Close | Reset | Silence

AnyFault = _Late | _Edited | _Replaced | Tls

#: By the name that ``action`` has in JSON.
ACTIONS = {str(kind.__struct_config__.tag): kind for kind in get_args(AnyFault)}


def read_fault(value: object) -> AnyFault:
    """A fault from a decoded JSON object.

    Raises:
        ValueError: one sentence about the first thing wrong with it.
    """
    action = value.get("action") if isinstance(value, dict) else None
    if not isinstance(action, str) or action not in ACTIONS:
        raise ValueError(f"A fault's action is one of {', '.join(ACTIONS)}; not {action!r}.")
    try:
        fault: AnyFault = msgspec.convert(value, AnyFault)
    except msgspec.ValidationError as exc:
        raise ValueError(f"The fault {action!r} does not read: {exc}.") from exc
    return fault


def read_fault_text(text: str | bytes) -> AnyFault:
    """A fault from JSON text; raises as ``read_fault`` does."""
    return read_fault(_decode(text))


def read_fault_file(file: Path) -> list[AnyFault]:
    """The faults in a file that holds a JSON list.

    Raises:
        ValueError: with the number of the first that is none.
        OSError: the file cannot be read.
    """
    values = _decode(file.read_bytes())
    if not isinstance(values, list):
        raise ValueError(f"{file.name} holds no JSON list.")
    return [_read_numbered(number, value) for number, value in enumerate(values, 1)]


def _read_numbered(number: int, value: object) -> AnyFault:
    try:
        return read_fault(value)
    except ValueError as exc:
        raise ValueError(f"Fault {number}: {exc}") from exc


def _decode(text: str | bytes) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise ValueError(f"This is no JSON: {exc}.") from exc

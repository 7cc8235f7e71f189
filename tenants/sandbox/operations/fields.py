"""Reading the fields of a body by their dotted path, each with Okta's kind of refusal.

Every function raises Refusal (400 E0000001) naming the path of what it cannot take.
"""

from collections.abc import Collection
from typing import Any

from tenants.sandbox.operations.writes import invalid
from tenants.sandbox.replies import Refusal
from tenants.sandbox.store import Body


def refuse(path: str, text: str) -> Refusal:
    return invalid(path, f"{path}: {text}")


def left_blank(path: str) -> Refusal:
    return refuse(path, "The field cannot be left blank")


def taken(path: str) -> Refusal:
    return refuse(path, "An object with this field already exists in the current organization")


def dig(body: Body, path: str) -> Any:
    """What lies at a path; None where nothing does."""
    value: Any = body
    for name in path.split("."):
        if value is None:
            return None
        if not isinstance(value, dict):
            raise refuse(path, "The field is of the wrong type")
        value = value.get(name)
    return value


def read_object(body: Body, path: str) -> Body:
    """An object; an empty one where there is none."""
    value = dig(body, path)
    if value is not None and not isinstance(value, dict):
        raise refuse(path, "The field must be an object")
    return value or {}


def read_texts(body: Body, path: str) -> list[str]:
    """A list of texts that are not blank; an empty one where there is none."""
    value = dig(body, path)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise refuse(path, "The field must be a list of texts")
    return list(dict.fromkeys(value))


def read_choice(body: Body, path: str, allowed: Collection[str], default: str = "") -> str:
    """One of the allowed values; without a default the field is required."""
    value = dig(body, path)
    if value is None:
        if not default:
            raise left_blank(path)
        return default
    if not isinstance(value, str) or value not in allowed:
        raise refuse(path, f"Invalid value. Valid values: [{', '.join(sorted(allowed))}]")
    return value


def read_flag(body: Body, path: str, *, default: bool) -> bool:
    value = dig(body, path)
    if value is not None and not isinstance(value, bool):
        raise refuse(path, "The field must be true or false")
    return default if value is None else value


def read_number(body: Body, path: str, *, default: int, lowest: int, highest: int) -> int:
    value = dig(body, path)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise refuse(path, f"must be a whole number between {lowest} and {highest}")
    return value

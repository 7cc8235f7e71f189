"""A page of a listing, split into items that are parsed when somebody looks into them.

Splitting costs a third of building objects, and of most items a caller only wants to know whether
they are still the same.
"""

import json
import re
from typing import Any

import msgspec

from tenants.okta.answers import BadJson, read_json, refuse_crowd
from tenants.okta.operations import Operation, is_identifier
from tenants.okta.redact import drop_secrets

MAX_ITEMS = 10_000

#: How Okta begins nearly every object; anything else is read with care, and more slowly.
_ID_FIRST = re.compile(rb'\{"id":"([A-Za-z0-9_-]{1,64})"')


class Item(msgspec.Struct, frozen=True):
    """One listed object. ``raw`` is JSON as it came, secrets included: never stored or shown."""

    okta_id: str
    raw: bytes

    def __repr__(self) -> str:
        return f"<Item {self.okta_id}>"

    def body(self) -> dict[str, Any]:
        """The object, secrets dropped.

        Raises:
            BadJson: it holds something that is no JSON we accept.
        """
        value = drop_secrets(read_json(self.raw))
        if not isinstance(value, dict):
            raise BadJson("the item is not an object")
        return value


class Odd(msgspec.Struct, frozen=True):
    """An item that cannot be told from others: kept as it came, with the reason."""

    number: int
    reason: str
    raw: bytes

    def __repr__(self) -> str:
        return f"<Odd {self}>"

    def __str__(self) -> str:
        return f"item {self.number} {self.reason}"


def split(body: bytes, operation: Operation) -> list[Item | Odd]:
    """The items of one page, in Okta's order.

    Raises:
        BadJson: the page is no list, or has more than `MAX_ITEMS` items.
    """
    id_field = operation.id_field
    at_start = _ID_FIRST.match if id_field == "id" else _nowhere
    return [
        Item(found[1].decode(), raw)
        if (found := at_start(raw))
        else _examined(number, raw, id_field)
        for number, raw in enumerate(_raw_items(body, operation), start=1)
    ]


def _nowhere(raw: bytes) -> re.Match[bytes] | None:
    return None


def _examined(number: int, raw: bytes, id_field: str) -> Item | Odd:
    try:
        value = read_json(raw)
    except BadJson:
        return Odd(number, "is no JSON that can be read", raw)
    if not isinstance(value, dict):
        return Odd(number, "is not an object", raw)
    identifier = value.get(id_field)
    if not isinstance(identifier, str) or not identifier:
        return Odd(number, f"has no {id_field}", raw)
    if not is_identifier(id_field, identifier):
        return Odd(number, "has an id that cannot be asked for", raw)
    return Item(identifier, raw)


def _raw_items(body: bytes, operation: Operation) -> list[bytes]:
    refuse_crowd(body)
    try:
        listed = _listed(body, operation.envelope)
        _refuse_length(len(listed))
        return [bytes(raw) for raw in listed]
    except (msgspec.MsgspecError, RecursionError):
        # Stricter than Okta is: half a surrogate pair, say, costs the whole page there.
        whole = _listed_whole(body, operation.envelope)
        _refuse_length(len(whole))
        return [json.dumps(item).encode() for item in whole]


def _refuse_length(count: int) -> None:
    if count > MAX_ITEMS:
        raise BadJson(f"the page has more than {MAX_ITEMS} items")


def _listed(body: bytes, envelope: tuple[str, ...]) -> list[msgspec.Raw]:
    for name in envelope if body.lstrip()[:1] == b"{" else ():
        body = bytes(msgspec.json.decode(body, type=dict[str, msgspec.Raw]).get(name, b""))
    return msgspec.json.decode(body, type=list[msgspec.Raw])


def _listed_whole(body: bytes, envelope: tuple[str, ...]) -> list[Any]:
    value = read_json(body)
    for name in envelope if isinstance(value, dict) else ():
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, list):
        raise BadJson("the listing is not a list")
    return value

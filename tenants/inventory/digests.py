"""Are two bodies the same, and if not, where do they differ?"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

#: Links and embedded copies follow from the rest, and vary without anybody changing anything.
_DERIVED = frozenset({"_links", "_embedded"})


def digest_of(body: dict[str, Any]) -> str:
    """SHA-256, hexadecimal, of the canonical form: sorted keys, and lists of plain values sorted,
    since Okta reorders both."""
    canonical = json.dumps(_canonical(body), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def differences(before: Any, after: Any) -> dict[str, list[Any]]:
    """{"dotted.path": [before, after]} for every leaf that differs; absent is None."""
    return dict(_walk("", _canonical(before), _canonical(after)))


def _walk(path: str, before: Any, after: Any) -> Iterator[tuple[str, list[Any]]]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            inner = f"{path}.{key}" if path else key
            yield from _walk(inner, before.get(key), after.get(key))
    elif before != after:
        yield path, [before, after]


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _canonical(inner) for key, inner in value.items() if key not in _DERIVED}
    if not isinstance(value, list):
        return value
    items = [_canonical(item) for item in value]
    plain = all(isinstance(item, str | int | float | bool) for item in items)
    return sorted(items, key=lambda item: (str(type(item)), item)) if plain else items

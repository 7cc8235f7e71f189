"""Does what Okta shows hold what was sent? Okta adds defaults and links, and reorders lists."""

from typing import Any


def holds(shown: Any, sent: Any) -> bool:
    """Whether every field that was sent is shown with its value; None was sent for nothing."""
    if isinstance(sent, dict):
        return isinstance(shown, dict) and all(
            holds(shown.get(name), value) for name, value in sent.items()
        )
    if isinstance(sent, list):
        return isinstance(shown, list) and _hold_each(shown, sent)
    # True == 1 in Python, not in JSON.
    return bool(shown == sent) and isinstance(shown, bool) == isinstance(sent, bool)


def alike(one: object, other: object) -> bool:
    """Whether two names may be the same to somebody who trims and folds them."""
    return _folded(one) == _folded(other)


def _hold_each(shown: list[Any], sent: list[Any]) -> bool:
    left = list(shown)
    for value in sent:
        found = next((place for place, item in enumerate(left) if holds(item, value)), None)
        if found is None:
            return False
        del left[found]
    return not left


def _folded(name: object) -> str:
    return " ".join(str(name).split()).casefold()

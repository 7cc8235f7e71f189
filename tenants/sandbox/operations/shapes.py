"""Shapes of bodies: which names may be set in one, and to what.

A rule is a tuple of the words there are, a type, a list with the rule of its items, or a dict of
rules by name. Names without a rule count for nothing, as with Okta.
"""

from dataclasses import dataclass
from typing import Any

from tenants.sandbox.operations.writes import malformed
from tenants.sandbox.store import Body


@dataclass(frozen=True)
class Nullable:
    """A rule for what null sets to nothing; elsewhere null leaves the value as it is."""

    rule: Any


def merge(rules: Body, before: Body, given: Any) -> Body:
    """``before`` with everything that is ``given`` and has a rule.

    Raises:
        Refusal: 400 where a value is of another type or no word of its rule.
    """
    if not isinstance(given, dict):
        raise malformed()
    changed = {
        name: _fit(rule, before.get(name), given[name])
        for name, rule in rules.items()
        if name in given and (given[name] is not None or isinstance(rule, Nullable))
    }
    return before | changed


def _fit(rule: Any, before: Any, given: Any) -> Any:
    if isinstance(rule, Nullable):
        return None if given is None else _fit(rule.rule, before, given)
    if isinstance(rule, dict):
        return merge(rule, before or {}, given)
    if isinstance(rule, list):
        return [_fit(rule[0], None, item) for item in _require(isinstance(given, list), given)]
    if isinstance(rule, tuple):
        return _require(isinstance(given, str) and given in rule, given)
    # To Python, true and false are numbers.
    return _require(isinstance(given, rule) and isinstance(given, bool) == (rule is bool), given)


def _require(fits: bool, given: Any) -> Any:
    if not fits:
        raise malformed()
    return given

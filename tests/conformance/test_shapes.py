"""What the sandbox shows of an object is at least what every recorded org showed of one.

The OpenAPI requires so little that an answer with half of its members would keep to it.
Needs the recorded exchanges beside the project (``../shared``); runs with ``make conformance``.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.guide import Visit
from tests.conformance.journey import Tour
from tests.conformance.judge import schema_name
from tests.conformance.recorded import as_visit, matched

pytestmark = pytest.mark.conformance

#: Fewer recorded objects of a kind than this have members in common by chance.
ENOUGH = 3
#: Members that are there or not for reasons which the few recorded objects do not show.
EXPLAINED = {
    ("Application", "universalLogout.status"): "quirks.md §5: null for 532 apps, missing for 678",
    ("AuthorizationServer", "_links"): "quirks.md §5: null where associated servers are listed",
    ("ProvisioningConnectionResponse", "profile"): "quirks.md §5.2: of one that nobody has set",
}
Kind = tuple[str, str, str]


def objects(visit: Visit) -> Iterator[tuple[Kind, dict[str, Any]]]:
    """The objects of a success, each twice: with its schema and the sort that it is of, and with
    its status as well, which decides on some links."""
    name = schema_name(visit)
    values = visit.value if isinstance(visit.value, list) else [visit.value]
    for value in values if name else ():
        sort = value.get("signOnMode") or value.get("providerType") or ""
        yield (name, sort, ""), {key: value[key] for key in value if key != "_links"}
        yield (name, sort, str(value.get("status"))), value


def members(value: Any, path: str = "") -> set[str]:
    if not isinstance(value, dict):
        return set()
    inside = (members(member, f"{path}{name}.") for name, member in value.items())
    return {f"{path}{name}" for name in value}.union(*inside)


@pytest.fixture(scope="module")
def always_there() -> dict[Kind, set[str]]:
    """Members that all recorded objects of a kind have."""
    common: dict[Kind, set[str]] = {}
    counted: Counter[Kind] = Counter()
    for one, operation in matched():
        for kind, value in objects(as_visit(one, operation)):
            common[kind] = common.get(kind, members(value)) & members(value)
            counted[kind] += 1
    return {kind: names for kind, names in common.items() if counted[kind] >= ENOUGH}


def test_no_member_is_missing_that_every_recorded_object_has(
    tour: Tour, always_there: dict[Kind, set[str]]
) -> None:
    missing = {
        (kind, member, visit.operation.name)
        for visit in tour.all_visits()
        for kind, value in objects(visit)
        for member in always_there.get(kind, set()) - members(value)
        if not is_explained(kind[0], member)
    }

    assert missing == set()


def is_explained(schema: str, member: str) -> bool:
    return any(
        schema == about and (member == path or member.startswith(f"{path}."))
        for about, path in EXPLAINED
    )

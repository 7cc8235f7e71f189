"""The catalogue and Okta's OpenAPI say the same, both ways.

Needs the OpenAPI beside the project (``../shared``); runs with ``make conformance``.
"""

import re

import pytest

from tenants.okta.operations import OPERATIONS, Operation, Paging
from tests.conformance.spec import OKTA, Described, described

pytestmark = pytest.mark.conformance

#: What recorded orgs sent although the OpenAPI does not have it.
RECORDED_ANSWERS = {"previewSAMLmetadataForApplication": {"application/xml"}}

_ROW = re.compile(
    r"\| [^|]+ \| (?P<method>[A-Z]+) `(?P<path>[^`]+)` \| `(?P<name>\w+)` \| (?P<was>[^|]+) \|"
)


@pytest.fixture(scope="module")
def spec() -> dict[str, Described]:
    return described()


def told(operation: Operation) -> dict[str, object]:
    recorded = RECORDED_ANSWERS.get(operation.name, set())
    return {
        "method": operation.method,
        "path": operation.path,
        "scope": operation.scope,
        "pages": operation.paging == Paging.CURSOR,
        "page_limit": operation.page_limit,
        "required": set(operation.required),
        "body": set(operation.body),
        "answers": set(operation.answers) - recorded,
        "is a list": operation.paging != Paging.NONE,
    }


def meant(one: Described) -> dict[str, object]:
    return {
        "method": one.method,
        "path": one.path,
        "scope": one.scope,
        "pages": one.pages,
        "page_limit": one.page_limit,
        "required": one.required,
        "body": one.body,
        "answers": one.answers,
        "is a list": one.listed is not None,
    }


def test_nothing_is_missing_and_nothing_is_made_up(spec: dict[str, Described]) -> None:
    assert len(spec) == 114
    assert OPERATIONS.keys() == spec.keys()


def test_every_operation_is_declared_as_okta_describes_it(spec: dict[str, Described]) -> None:
    assert {name: told(one) for name, one in OPERATIONS.items()} == {
        name: meant(one) for name, one in spec.items()
    }


def test_what_recorded_orgs_added_is_declared_and_still_undocumented(
    spec: dict[str, Described],
) -> None:
    for name, media in RECORDED_ANSWERS.items():
        assert media <= set(OPERATIONS[name].answers)
        assert media.isdisjoint(spec[name].answers)


def test_what_identifies_a_listed_item_is_one_of_its_properties(
    spec: dict[str, Described],
) -> None:
    strangers = {
        name: operation.id_field
        for name, operation in OPERATIONS.items()
        if operation.paging != Paging.NONE and operation.id_field not in (spec[name].listed or ())
    }

    assert strangers == {}


def test_old_names_are_those_of_the_sources() -> None:
    rows = list(_ROW.finditer((OKTA / "contract.md").read_text()))
    was = {row["name"]: re.search(r"`(\w+)`", row["was"]) for row in rows}

    renamed = {one.name: one.old_name for one in OPERATIONS.values() if one.old_name}
    assert len(was) == 111
    assert renamed == {name: old[1] for name, old in was.items() if old}

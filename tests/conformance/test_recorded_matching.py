"""Every recorded exchange of a catalogued operation is one we could have had ourselves.

Needs the recorded exchanges beside the project (``../shared``); runs with ``make conformance``.
"""

import re
from collections.abc import Iterator

import pytest

from tenants.okta.answers import BadJson, read_json
from tenants.okta.errors import OktaError
from tenants.okta.operations import OPERATIONS, Operation
from tenants.okta.redact import drop_secrets
from tenants.okta.refusals import api_refusal, token_refusal
from tests.conformance.conftest import TOLD
from tests.conformance.recorded import Exchange, exchanges, ids_in, operations_for

pytestmark = pytest.mark.conformance

TOKEN = "recorded-access-token"
SENT_AS = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data",
}
Matched = list[tuple[Exchange, Operation]]


def shape(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


@pytest.fixture(scope="module")
def matched() -> Matched:
    candidates = [(one, operations_for(one.method, one.path)) for one in exchanges()]
    return [(one, found[0]) for one, found in candidates if found]


@pytest.fixture(scope="module")
def unparsed(matched: Matched) -> list[str]:
    return [problem for one, operation in matched if (problem := problem_with(one, operation))]


@pytest.fixture(scope="module", autouse=True)
def _tell(matched: Matched, unparsed: list[str], pytestconfig: pytest.Config) -> Iterator[None]:
    yield
    outside = len(exchanges()) - len(matched)
    pytestconfig.stash[TOLD].append(
        f"{len(matched)} matched, {outside} outside the catalogue, {len(unparsed)} unparsed"
    )


def problem_with(one: Exchange, operation: Operation) -> str:
    """Why the answer is neither understood nor a typed error; '' when it is."""
    answer = one.answer
    where = f"line {one.number}: {operation.name} {answer.status}"
    if not answer.ok:
        error = refusal(one, operation)
        return "" if error.status == answer.status else f"{where} lost its status"
    if not answer.body:
        return ""
    if answer.media_type != "application/json":
        return "" if answer.media_type in operation.answers else f"{where} {answer.media_type}"
    try:
        drop_secrets(read_json(answer.body))
    except BadJson as exc:
        return f"{where} {exc}"
    return ""


def refusal(one: Exchange, operation: Operation) -> OktaError:
    if operation is OPERATIONS["token"]:
        return token_refusal(one.answer, asked=frozenset({"okta.apps.read"}), hide=TOKEN)
    return api_refusal(one.answer, scope=operation.scope, paging="after" in one.query, hide=TOKEN)


def test_an_exchange_belongs_to_one_operation_or_to_none(matched: Matched) -> None:
    assert len(exchanges()) == 1404
    assert all(len(operations_for(one.method, one.path)) == 1 for one, _ in matched)


def test_an_exchange_belongs_to_the_operation_its_recorder_sorted_it_under(
    matched: Matched,
) -> None:
    catalogue = {(each.method, shape(each.path)): each.name for each in OPERATIONS.values()}
    sorted_by_hand = {
        one.number: catalogue[one.method, shape(one.template)]
        for one in exchanges()
        if (one.method, shape(one.template)) in catalogue
    }

    assert {one.number: operation.name for one, operation in matched} == sorted_by_hand


def test_the_catalogue_can_ask_for_what_was_asked_for(matched: Matched) -> None:
    for one, operation in matched:
        target = operation.target(ids_in(operation, one.path), one.query)

        assert target.partition("?")[0] == one.path


def test_the_catalogue_sends_the_kinds_of_bodies_that_were_sent(matched: Matched) -> None:
    strange = {
        (operation.name, one.request_kind)
        for one, operation in matched
        if one.request_kind in SENT_AS and SENT_AS[one.request_kind] not in operation.body
    }

    assert strange == set()


def test_every_answer_is_parsed_or_a_typed_error(unparsed: list[str]) -> None:
    assert unparsed == []

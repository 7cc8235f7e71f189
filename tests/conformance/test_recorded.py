"""Every recorded exchange of a catalogued operation is one that the product could have had.

Needs the recorded exchanges beside the project (``../shared``); runs with ``make conformance``.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element

import pytest

from tenants.okta.bodies import Document
from tenants.okta.errors import OktaError
from tenants.okta.operations import OPERATIONS, Operation
from tenants.okta.paging import Page
from tests.conformance.conftest import TOLD
from tests.conformance.meanings import meaning
from tests.conformance.recorded import Exchange, exchanges, matched, operations_for
from tests.conformance.replay import RecordedOrg, ask_again
from tests.okta.fakes import Sent

pytestmark = pytest.mark.conformance

SENT_AS = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data",
}
#: The only members of recorded answers that the product drops.
SECRETS = {"client_secret", "password"}


@dataclass
class Replayed:
    """``result`` is a value or an OktaError."""

    recorded: Exchange
    operation: Operation
    sent: Sent
    result: Any

    def __str__(self) -> str:
        return f"line {self.recorded.number}: {self.operation.name} {self.recorded.answer.status}"


def replay(one: Exchange, operation: Operation) -> Replayed:
    org = RecordedOrg(one.answer)
    try:
        result = ask_again(org, one, operation)
    except OktaError as error:
        result = error
    assert org.first is not None
    return Replayed(one, operation, org.first, result)


@pytest.fixture(scope="module")
def replayed() -> list[Replayed]:
    return [replay(one, operation) for one, operation in matched()]


@pytest.fixture(scope="module", autouse=True)
def _tell(replayed: list[Replayed], pytestconfig: pytest.Config) -> Iterator[None]:
    yield
    unparsed = sum(not is_understood(each) for each in replayed)
    outside = len(exchanges()) - len(replayed)
    line = f"{len(replayed)} matched, {outside} outside the catalogue, {unparsed} unparsed"
    pytestconfig.stash[TOLD].append(line)


def is_understood(each: Replayed) -> bool:
    answer = each.recorded.answer
    if answer.ok and not isinstance(each.result, OktaError):
        return is_whole(each.result, each.recorded)
    return type(each.result) is meaning(each.recorded, each.operation)


def is_whole(value: Any, one: Exchange) -> bool:
    """Whether nothing of the answer was lost but its secrets."""
    match value:
        case Page(items=items, odd=()):
            told = [item.body() for item in items]
            return len(told) == len(one.answered) and not lost(one.answered, told) - SECRETS
        case Document(root=Element(), raw=raw):
            return raw == one.answer.body
        case None:
            return not one.answer.body
        case _:
            return not lost(one.answered, value) - SECRETS


def lost(before: Any, after: Any) -> set[str]:
    """Names of members that are missing or changed in ``after``."""
    if isinstance(before, dict) and isinstance(after, dict):
        kept = before.keys() & after.keys()
        inside = [lost(before[name], after[name]) for name in kept]
        return set.union(before.keys() - after.keys(), *inside)
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        inside = [lost(*pair) for pair in zip(before, after, strict=True)]
        return set.union(set(), *inside)
    return set() if before == after else {repr(before)}


def test_an_exchange_belongs_to_one_operation_or_to_none() -> None:
    assert len(exchanges()) == 1404
    assert all(len(operations_for(one.method, one.path)) == 1 for one, _ in matched())


def test_an_exchange_belongs_to_the_operation_its_recorder_sorted_it_under() -> None:
    catalogue = {(each.method, shape(each.path)): each.name for each in OPERATIONS.values()}
    sorted_by_hand = {
        one.number: catalogue[one.method, shape(one.template)]
        for one in exchanges()
        if (one.method, shape(one.template)) in catalogue
    }

    assert {one.number: operation.name for one, operation in matched()} == sorted_by_hand


def shape(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def test_the_recorded_method_path_and_query_are_asked_for(replayed: list[Replayed]) -> None:
    for each in replayed:
        path, _, query = each.sent.target.partition("?")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        added = {"limit": str(each.operation.page_limit)} if each.operation.page_limit else {}

        assert (each.sent.method, path) == (each.recorded.method, each.recorded.path), each
        assert asked == {**added, **each.recorded.query}, each


def test_the_recorded_body_is_sent(replayed: list[Replayed]) -> None:
    for each in replayed:
        kind = each.recorded.request_kind
        sent_as = each.sent.headers["content-type"].partition(";")[0]

        assert sent_as == SENT_AS.get(kind, "application/json"), each
        if kind == "json":
            assert json.loads(each.sent.body) == each.recorded.request_body, each
        elif kind in ("empty", "lost"):
            assert each.sent.body == b"", each


def test_the_kind_of_body_that_came_was_asked_for(replayed: list[Replayed]) -> None:
    for each in replayed:
        accepted = re.split(r", *", each.sent.headers["accept"])
        answer = each.recorded.answer

        assert not answer.ok or not answer.body or answer.media_type in accepted, each


def test_a_success_is_read_whole_but_for_its_secrets(replayed: list[Replayed]) -> None:
    for each in replayed:
        if each.recorded.answer.ok and not isinstance(each.result, OktaError):
            assert is_whole(each.result, each.recorded), each


def test_a_next_page_is_seen_where_okta_links_to_one(replayed: list[Replayed]) -> None:
    for each in replayed:
        links = " ".join(each.recorded.answer.header_all("link"))
        if isinstance(each.result, Page):
            assert (each.result.next is not None) == ('rel="next"' in links), each


def test_a_refusal_is_the_error_it_means(replayed: list[Replayed]) -> None:
    refused = [each for each in replayed if meaning(each.recorded, each.operation)]

    assert len(refused) > 50
    for each in refused:
        assert type(each.result) is meaning(each.recorded, each.operation), each
        assert each.result.status == each.recorded.answer.status, each
        assert each.result.error_code == code_of(each.recorded), each
        if not each.recorded.answer.ok:
            request_id = each.recorded.answer.header("x-okta-request-id") or ""
            assert each.result.request_id == request_id, each


def code_of(one: Exchange) -> str:
    body = one.answered if isinstance(one.answered, dict) else {}
    code: str = body.get("errorCode") or body.get("error") or ""
    return code


def test_nothing_else_is_taken_for_an_error(replayed: list[Replayed]) -> None:
    for each in replayed:
        if meaning(each.recorded, each.operation) is None:
            assert not isinstance(each.result, OktaError), each

"""The sandbox keeps to Okta's OpenAPI, but for an explained list.

Needs the OpenAPI beside the project (``../shared``); runs with ``make conformance``.
"""

import pytest

from tenants.okta import bodies
from tenants.okta.answers import Answer
from tenants.okta.operations import OPERATIONS, Paging
from tenants.okta.paging import Item, read_items
from tests.conformance.deviations import EXPLAINED, RECORDED
from tests.conformance.guide import Visit
from tests.conformance.journey import Tour
from tests.conformance.judge import Objection, documented_causes, objections
from tests.conformance.recorded import as_visit, matched
from tests.conformance.tour import STORIES

pytestmark = pytest.mark.conformance


def objections_to(visits: list[Visit]) -> dict[Objection, str]:
    """Each once, with the first operation that met it."""
    found: dict[Objection, str] = {}
    for visit in visits:
        for objection, message in objections(visit):
            found.setdefault(objection, f"{visit.operation.name} {visit.status} {message}")
    return found


@pytest.mark.parametrize("story", STORIES)
def test_what_is_sent_and_answered_is_as_documented_or_explained(tour: Tour, story: str) -> None:
    found = objections_to(tour.tell(story))

    unexplained = [
        f"{objection}: {message}"
        for objection, message in found.items()
        if objection not in RECORDED and objection not in EXPLAINED
    ]
    assert unexplained == []


def test_every_operation_was_called_with_success(tour: Tour) -> None:
    succeeded = {visit.operation.name for visit in tour.all_visits() if visit.status < 400}

    assert OPERATIONS.keys() - succeeded == set()


def test_refusals_say_what_okta_documents_word_by_word(tour: Tour) -> None:
    documented = {(name, *told) for name in OPERATIONS for told in documented_causes(name)}

    given = {
        (visit.operation.name, visit.value["errorSummary"], cause["errorSummary"])
        for visit in tour.all_visits()
        if visit.status in (400, 409) and visit.value.get("errorCode")
        for cause in visit.value["errorCauses"]
    }

    assert len(documented) > 20
    assert documented - given == set()


def test_our_client_reads_every_success(tour: Tour) -> None:
    for visit in tour.all_visits():
        if visit.status < 400:
            headers = (("content-type", visit.answered_as),) if visit.answered_as else ()
            read(Answer(visit.status, headers, visit.body), visit)


def read(answer: Answer, visit: Visit) -> None:
    if visit.operation.paging == Paging.NONE:
        bodies.outcome(answer, visit.operation)
    else:
        odd = [each for each in read_items(answer, visit.operation) if not isinstance(each, Item)]
        assert odd == [], str(visit)


def test_every_explanation_is_still_needed(tour: Tour) -> None:
    found = objections_to(tour.all_visits()).keys()

    assert (RECORDED.keys() | EXPLAINED.keys()) - found == set()


def test_what_is_explained_by_recordings_is_in_them() -> None:
    found = objections_to([as_visit(one, operation) for one, operation in matched()]).keys()

    assert RECORDED.keys() - found == set()
    assert EXPLAINED.keys() & found == set()

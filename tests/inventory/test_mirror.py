"""One page against the mirror: whatever Okta sends is kept, and found unchanged the next time."""

from typing import Any

import pytest

from tenants.choices import RunKind, Trigger
from tenants.inventory.digests import digest_of
from tenants.inventory.kinds import KINDS, Kind
from tenants.inventory.mirror import PagePlan, missing_from, plan_page
from tenants.inventory.progress import Progress
from tenants.models import Resource, Run, Tenant
from tenants.okta.answers import read_json
from tenants.runs.queue import run_queue

APP, SERVER = KINDS["app"], KINDS["authorization_server"]

ODD_BODIES = (
    '{"id": "0oa1", "label": {"a": []}, "status": 7}',
    '{"id": "0oa1", "label": "' + "x" * 5000 + '", "status": "' + "Y" * 500 + '"}',
    '{"id": "0oa1", "label": "a\\u0000b\\ud800", "\\u0000": "\\udfff"}',
    '{"id": "0oa1", "n": [1e308, 1e16, -0.0, 0.1, 1E-7, ' + "9" * 400 + "]}",
    '{"id": "0oa1", "list": [null, true, 1, "1", 1.0, [], {}], "": {"": {"": null}}}',
    '{"id": "0oa1", "deep": ' + "[" * 60 + "]" * 60 + "}",
    '{"id": "0oa1", "_links": {"self": 1}, "_embedded": null, "settings": null}',
)


@pytest.fixture
def sync(tenant: Tenant) -> Run:
    return run_queue(tenant=tenant, kind=RunKind.SYNC, trigger=Trigger.OPERATOR)


def _plan(run: Run, *bodies: dict[str, Any], kind: Kind = APP) -> PagePlan:
    by_id = {body[kind.operation.id_field]: body for body in bodies}
    return plan_page(run, kind, "", by_id, baseline=False)


@pytest.mark.django_db
@pytest.mark.parametrize("sent", ODD_BODIES)
def test_an_odd_body_is_kept_and_is_the_same_the_next_time(sync: Run, sent: str) -> None:
    body = read_json(sent.encode())
    _plan(sync, {"id": "0oa1", "settings": {"a": [1]}}).write()

    _plan(sync, body).write()
    again = _plan(sync, body)

    assert Resource.objects.get().digest == digest_of(body)
    assert sum(again.counts().values()) == 0


@pytest.mark.django_db
def test_what_is_missing_is_told_by_the_whole_listing_alone(sync: Run) -> None:
    _plan(sync, {"id": "0oa1"}, {"id": "0oa2"}).write()
    _plan(sync, {"id": "aus1"}, kind=SERVER).write()

    missing = missing_from(sync, APP, "", {"0oa2"})

    assert [row.okta_id for row in missing] == ["0oa1"]


def test_what_a_resource_leads_to_is_waited_for_once() -> None:
    progress = Progress({})

    for _ in range(2):
        progress.add_children(SERVER, "", ["aus1", "aus2"])

    assert progress.total_count == 2 + 2 * len(SERVER.children)

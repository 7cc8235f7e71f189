"""An org made of recorded traffic: whatever real orgs sent, the mirror takes it.

Needs the recorded exchanges beside the project (``../shared``); runs with ``make conformance``.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tenants.choices import Completeness, RunKind, RunState
from tenants.models import Coverage, Resource, Tenant
from tenants.sandbox.load import load_exchanges
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.service import Submit, last_run, run_once, work_all

RECORDED = Path(__file__).parents[3] / "shared" / "okta" / "recorded.ndjson"

pytestmark = [pytest.mark.conformance, pytest.mark.django_db(transaction=True)]


def _recorded_app_ids() -> set[str]:
    """Every app that stands in a response of the file, found without the loader under test."""
    exchanges = [json.loads(line) for line in RECORDED.read_text().splitlines()]
    bodies: list[Any] = []
    for exchange in exchanges:
        body = exchange["response_body"]
        bodies += body if isinstance(body, list) else [body]
    objects = [body for body in bodies if isinstance(body, dict)]
    return {
        body["id"]
        for body in objects
        if "signOnMode" in body and "label" in body and str(body.get("id", "")).startswith("0oa")
    }


@pytest.fixture
def recorded(sandbox: Sandbox) -> Org:
    org = sandbox.add_org("recorded.okta.com", apps=0, authorization_servers=0)
    load_exchanges(org, RECORDED)
    # Our share of the usual limits is used up before a second sync in the same minute ends.
    org.rate_limits.update(dict.fromkeys(org.rate_limits, 100_000))
    return org


def test_a_sync_mirrors_every_recorded_app(recorded: Org, tenant: Tenant, submit: Submit) -> None:

    submit(recorded)
    work_all()

    run = last_run(tenant, RunKind.SYNC)
    mirrored = Resource.objects.filter(tenant=tenant, kind="app")
    assert run.state == RunState.SUCCEEDED
    assert run.outcome["kinds"]["app"]["odd"] == 0
    assert set(mirrored.values_list("okta_id", flat=True)) >= _recorded_app_ids()
    assert mirrored.count() == len(recorded.list("app"))
    assert last_run(tenant, RunKind.AUDIT).state == RunState.SUCCEEDED
    complete = Coverage.objects.filter(tenant=tenant, completeness=Completeness.COMPLETE)
    assert complete.count() == Coverage.objects.filter(tenant=tenant).count() > 0


def test_recorded_bodies_are_stored_without_secrets_and_compare_as_unchanged(
    recorded: Org, tenant: Tenant, submit: Submit
) -> None:
    submit(recorded)
    work_all()

    again = run_once(tenant, RunKind.SYNC)

    stored = json.dumps(list(Resource.objects.values_list("body", flat=True)))
    assert '"client_secret"' not in stored
    assert {told["changed"] + told["added"] for told in again.outcome["kinds"].values()} == {0}

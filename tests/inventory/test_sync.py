"""The mirror follows the org, and never loses what it could not read."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants.broker.service import forget_configuration
from tenants.choices import ChangeKind, Completeness, RunKind, RunState, Trigger
from tenants.inventory.handler import SyncHandler
from tenants.models import Coverage, ListingPage, Resource, ResourceChange, Run, Tenant
from tenants.runs import engine
from tenants.runs.leases import claim
from tenants.runs.queue import run_queue
from tenants.sandbox.org import Org
from tests.service import last_run, live_runs, run_once, work_all

pytestmark = pytest.mark.django_db(transaction=True)


def _live(tenant: Tenant, kind: str) -> set[str]:
    rows = Resource.objects.filter(tenant=tenant, kind=kind, removed_at=None)
    return set(rows.values_list("okta_id", flat=True))


def _changes(run: Run) -> list[tuple[str, str]]:
    return list(run.changes.values_list("resource__label", "change").order_by("pk"))


def _ids(objects: list[dict[str, Any]], key: str = "id") -> set[str]:
    return {body[key] for body in objects}


def test_everything_of_the_org_is_mirrored(connected: Tenant, acme: Org) -> None:
    servers = acme.list("authorization_server")

    assert _live(connected, "app") == _ids(acme.list("app"))
    assert _live(connected, "authorization_server") == _ids(servers)
    for kind in ("as_policy", "as_scope", "as_claim"):
        there = [body for server in servers for body in acme.list(kind, server["id"])]
        assert _live(connected, kind) == _ids(there), kind
    rules = [
        rule
        for server in servers
        for policy in acme.list("as_policy", server["id"])
        for rule in acme.list("as_rule", server["id"], policy["id"])
    ]
    assert rules
    assert _live(connected, "as_rule") == _ids(rules)


def test_a_second_sync_of_an_unchanged_org_writes_no_row(connected: Tenant) -> None:
    with CaptureQueriesContext(connection) as queries:
        run = run_once(connected, RunKind.SYNC)

    mirror = (Resource._meta.db_table, ResourceChange._meta.db_table)
    writes = [
        query["sql"]
        for query in queries.captured_queries
        if query["sql"].startswith(("INSERT", "UPDATE"))
        and any(f'"{table}"' in query["sql"].partition(" SET ")[0] for table in mirror)
    ]
    assert run.state == RunState.SUCCEEDED
    assert writes == []


def test_changed_removed_and_revived_apps_leave_a_record(connected: Tenant, acme: Org) -> None:
    renamed, deleted = acme.list("app")[:2]
    before = renamed["label"]
    acme.put("app", {**renamed, "label": "Renamed"})
    acme.remove("app", deleted["id"])
    first = run_once(connected, RunKind.SYNC)

    acme.put("app", deleted)
    second = run_once(connected, RunKind.SYNC)

    assert _changes(first) == [
        ("Renamed", ChangeKind.CHANGED),
        (deleted["label"], ChangeKind.REMOVED),
    ]
    assert first.changes.get(change="changed").fields["label"] == [before, "Renamed"]
    assert _changes(second) == [(deleted["label"], ChangeKind.REVIVED)]
    assert deleted["id"] in _live(connected, "app")


def test_a_removed_server_takes_everything_inside_along(connected: Tenant, acme: Org) -> None:
    server = acme.list("authorization_server")[0]["id"]

    acme.remove("authorization_server", server)
    run_once(connected, RunKind.SYNC)

    left = Resource.objects.filter(tenant=connected, removed_at=None)
    assert not left.filter(parent__startswith=server).exists()
    assert left.filter(kind="as_rule").exists()


def test_pages_of_two_hundred_survive_a_change_of_worker(
    connected: Tenant, acme: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SLICE_STEPS", 1)
    template = acme.list("app")[0]
    for number in range(450):
        acme.put("app", {**template, "id": f"0oapaged{number:012}", "label": f"App {number}"})

    run = run_once(connected, RunKind.SYNC)

    pages = [path for _, path, _ in acme.requests if path.startswith("/api/v1/apps?")]
    assert run.state == RunState.SUCCEEDED
    assert run.slice_count > len(_live(connected, "authorization_server"))
    assert _live(connected, "app") == _ids(acme.list("app"))
    assert all("limit=200" in page for page in pages)
    assert not ListingPage.objects.exists()


def test_a_refused_kind_fails_alone_and_removes_nothing(connected: Tenant, acme: Org) -> None:
    acme.licensed = False
    servers = _live(connected, "authorization_server")

    run = run_once(connected, RunKind.SYNC)

    coverage = Coverage.objects.get(tenant=connected, kind="authorization_server")
    assert run.state == RunState.SUCCEEDED
    assert coverage.completeness == Completeness.UNAVAILABLE
    assert _live(connected, "authorization_server") == servers


def test_a_sudden_shrink_waits_for_a_human(connected: Tenant, acme: Org) -> None:
    for app in acme.list("app")[1:]:
        acme.remove("app", app["id"])
    known = _live(connected, "app")

    held = run_once(connected, RunKind.SYNC)
    kept = _live(connected, "app")
    accepted = run_once(connected, RunKind.SYNC, accept_removals=True)

    assert (held.state, held.error_code) == (RunState.FAILED, "shrink_held")
    assert kept == known
    assert accepted.state == RunState.SUCCEEDED
    assert _live(connected, "app") == _ids(acme.list("app"))


def test_a_rate_limit_makes_the_run_wait_as_a_column(connected: Tenant, acme: Org) -> None:
    acme.rate_limits["/api/v1/apps"] = 1

    run = run_once(connected, RunKind.SYNC)

    assert run.state == RunState.QUEUED
    assert run.waiting_for == "Okta's rate limit"
    assert run.is_waiting
    assert run.lease_until is None


def test_our_own_share_makes_the_run_wait_before_okta_has_to(
    connected: Tenant, acme: Org, settings: Any, redis_server: str
) -> None:
    settings.OKTA_BUDGET_SHARE = 0.4
    forget_configuration()
    acme.rate_limits["/api/v1"] = 30
    before = len(acme.requests)

    run = run_once(connected, RunKind.SYNC)

    sent = len(acme.requests) - before
    assert run.state == RunState.QUEUED
    assert 0 < sent < 20
    assert (run.failures, run.attempts) == (0, 0)
    assert 10 < run.wait_s <= 65
    assert run.not_before > timezone.now()


def test_a_sync_asks_for_exactly_the_scopes_of_its_operations(connected: Tenant, acme: Org) -> None:
    assert {scopes for _, path, scopes in acme.requests if path.startswith("/api/")} == {
        SyncHandler().scopes
    }


def test_what_a_sync_saw_is_audited_though_an_audit_was_under_way(connected: Tenant) -> None:
    audit = run_queue(tenant=connected, kind=RunKind.AUDIT, trigger=Trigger.OPERATOR)
    claim(audit.pk)
    run_once(connected, RunKind.SYNC)
    Run.objects.filter(pk=audit.pk).update(state=RunState.QUEUED, lease_until=None)

    work_all()

    following = last_run(connected, RunKind.AUDIT)
    assert (following.pk != audit.pk, following.trigger) == (True, Trigger.FOLLOW_UP)
    assert following.state == RunState.SUCCEEDED
    assert live_runs(connected) == []

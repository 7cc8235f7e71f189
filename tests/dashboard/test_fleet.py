"""The fleet: what needs a human, and how to find one tenant among many."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants.broker.uses import TokenUses
from tenants.choices import RunKind, RunState, TenantState, Trigger
from tenants.models import Breaker, Run, Tenant, TenantSummary
from tenants.runs.breakers import FLEET_FAILURES
from tests.dashboard.conftest import ODD_NAME, MakeTenant

#: Session, user, one each for queue, concerns and page, two for tiles and for the fleet's pause.
MOST_QUERIES = 9


def _shown(browser: Client, query: str = "") -> list[str]:
    page = browser.get(f"/?{query}").context["page"]
    return [tenant.name for tenant in page.rows]


def _summary(tenant: Tenant, **facts: object) -> None:
    TenantSummary.objects.filter(tenant=tenant).update(**facts)


def test_the_number_of_queries_does_not_grow_with_the_fleet(browser: Client, make_tenant):
    for number in range(60):
        tenant = make_tenant(f"Tenant {number:02}")
        run = Run.objects.create(tenant=tenant, kind=RunKind.SYNC, trigger="schedule")
        _summary(tenant, stale_at=timezone.now(), last_run=run)

    with CaptureQueriesContext(connection) as queries:
        response = browser.get("/")

    assert len(response.context["page"].rows) == 50
    assert len(queries) <= MOST_QUERIES


def test_an_empty_fleet_says_how_to_begin(browser: Client):
    response = browser.get("/")

    assert "No tenants yet" in response.text
    assert "/tenants/new/" in response.text


def test_an_empty_fleet_offers_a_viewer_nothing_that_would_be_refused(viewer: Client):
    response = viewer.get("/")

    assert "No tenants yet" in response.text
    assert "/tenants/new/" not in response.text


def test_names_are_shown_as_text_whatever_they_hold(browser: Client, make_tenant: MakeTenant):
    make_tenant(ODD_NAME)

    text = browser.get("/").text

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; שלום &amp; Söhne" in text


@pytest.mark.parametrize(
    ("fields", "stale", "health", "reason"),
    [
        ({}, False, "ok", ""),
        ({}, True, "stale", "No complete sync for two intervals"),
        ({"state": TenantState.INVITED}, False, "waiting", ""),
        ({"state": TenantState.VERIFYING}, False, "waiting", ""),
        ({"state": TenantState.PAUSED}, True, "paused", ""),
        ({"state": TenantState.DISCONNECTED}, True, "left", ""),
        ({"state": TenantState.DELETED}, True, "left", ""),
        (
            {"state": TenantState.ATTENTION, "attention_code": "invalid_client"},
            True,
            "attention",
            "Okta no longer accepts the client ID and secret",
        ),
        (
            {"attention_code": "scope_missing"},
            False,
            "attention",
            "A scope is not granted to this integration",
        ),
    ],
)
def test_health_and_reason(browser: Client, make_tenant, fields, stale, health, reason):
    tenant = make_tenant("Acme", **fields)
    passed = timezone.now() - timedelta(minutes=1) if stale else None
    _summary(tenant, stale_at=passed)

    response = browser.get("/")

    assert [row.health for row in response.context["page"].rows] == [health]
    assert (reason or "Acme") in response.text
    concerns = [concern.reason for concern in response.context["concerns"]]
    assert concerns == ([reason] if reason else [])


def test_the_most_urgent_concern_stands_first(browser: Client, make_tenant: MakeTenant):
    _summary(make_tenant("A stale one"), stale_at=timezone.now())
    make_tenant("Z broken", state=TenantState.ATTENTION, attention_code="invalid_client")

    concerns = browser.get("/").context["concerns"]

    assert [concern.tenant.name for concern in concerns] == ["Z broken", "A stale one"]


def test_tiles_count_the_fleet_and_its_runs(browser: Client, acme: Tenant, invited: Tenant):
    long_due = timezone.now() - timedelta(minutes=5)
    queued = {"kind": RunKind.SYNC, "trigger": Trigger.SCHEDULE, "state": RunState.QUEUED}
    Run.objects.create(tenant=acme, **queued, not_before=long_due)
    Run.objects.filter(kind=RunKind.AUDIT).update(state=RunState.FAILED)

    tiles = browser.get("/").context["tiles"]

    assert (tiles.total, tiles.connected, tiles.attention, tiles.stale) == (2, 1, 0, 0)
    assert (tiles.recent_runs, tiles.recent_failures) == (4, 1)
    assert tiles.oldest_due == long_due
    assert tiles.queue_is_late


def test_a_run_that_waits_on_purpose_is_not_late(browser: Client, acme: Tenant):
    later = timezone.now() + timedelta(hours=1)
    Run.objects.create(tenant=acme, kind=RunKind.SYNC, trigger="schedule", not_before=later)

    tiles = browser.get("/").context["tiles"]

    assert tiles.oldest_due is None
    assert not tiles.queue_is_late


def test_a_paused_tenants_run_waits_for_no_worker(browser: Client, make_tenant: MakeTenant):
    paused = make_tenant("Acme", state=TenantState.PAUSED)
    Run.objects.create(tenant=paused, kind=RunKind.SYNC, trigger="schedule")

    assert browser.get("/").context["tiles"].oldest_due is None


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Acme", "Globex", "Initech"]),
        ("q=acm", ["Acme"]),
        ("q=T2.OKTA", ["Globex"]),
        ("q=nobody", []),
        ("health=paused", ["Initech"]),
        ("state=connected", ["Acme", "Globex"]),
        ("secret=60", ["Initech"]),
        ("secret=90", ["Initech"]),
        ("secret=7", ["Acme", "Globex", "Initech"]),  # no such choice: left out
        ("sort=findings", ["Globex", "Acme", "Initech"]),
        ("sort=secret", ["Initech", "Acme", "Globex"]),
        ("health=purple&sort=sideways&q=%00", ["Acme", "Globex", "Initech"]),
    ],
)
def test_filters_stand_in_the_address(browser: Client, make_tenant: MakeTenant, query, names):
    now = timezone.now()
    _summary(make_tenant("Acme"), high_count=3, secret_since=now - timedelta(days=2))
    _summary(make_tenant("Globex"), critical_count=1, secret_since=now - timedelta(days=1))
    paused = make_tenant("Initech", state=TenantState.PAUSED)
    _summary(paused, secret_since=now - timedelta(days=400))

    assert _shown(browser, query) == names


def test_the_next_page_keeps_the_filter(browser: Client, make_tenant: MakeTenant):
    for number in range(53):
        make_tenant(f"Tenant {number:02}")
    make_tenant("Other")

    first = browser.get("/?q=Tenant").context["page"]
    rest = _shown(browser, first.next_url.lstrip("?"))

    assert len(first.rows) == 50
    assert rest == ["Tenant 50", "Tenant 51", "Tenant 52"]


def test_when_many_orgs_stop_answering_at_once_the_page_says_that_it_may_be_us(
    browser: Client, make_tenant: MakeTenant
) -> None:
    tenants = [make_tenant(f"Tenant {number}") for number in range(6)]
    before = browser.get("/").content
    for tenant in tenants[:3]:
        Breaker.objects.create(tenant=tenant, failures=FLEET_FAILURES)

    assert b"stopped answering at once" not in before
    assert b"stopped answering at once" in browser.get("/").content


def test_an_org_that_does_not_answer_is_named_with_the_reason(
    browser: Client, make_tenant: MakeTenant
) -> None:
    make_tenant("Acme", attention_code="unreachable")

    assert b"does not answer at the moment" in browser.get("/").content


@pytest.mark.parametrize(("days", "tone"), [(59, ""), (61, "warn"), (91, "bad")])
def test_an_old_secret_shows(days: int, tone: str, browser: Client, make_tenant: MakeTenant):
    tenant = make_tenant("Acme")
    _summary(tenant, secret_since=timezone.now() - timedelta(days=days))

    for page in ("/", f"/tenants/{tenant.pk}/", f"/tenants/{tenant.pk}/connection/"):
        text = browser.get(page).text
        assert f"{days} days ago" in text
        assert (f'tone-{tone}">Old secret' in text) == bool(tone)


@pytest.mark.parametrize(
    ("off_s", "words"), [(184.2, "184 s ahead of Okta"), (-90, "90 s behind Okta")]
)
def test_a_clock_that_is_off_is_told(off_s: float, words: str, browser: Client, acme: Tenant):
    uses = TokenUses(acme.pk, "sync")
    uses.note(frozenset({"okta.apps.read"}))
    assert "A clock of ours" not in browser.get("/").text

    uses.note_clock(off_s)

    assert words in browser.get("/").text


def test_a_clock_that_was_off_this_morning_is_not_told_any_more(browser: Client, acme: Tenant):
    long_ago = timezone.now() - timedelta(hours=4)
    uses = TokenUses(acme.pk, "sync", clock=lambda: long_ago)
    uses.note(frozenset({"okta.apps.read"}))
    uses.note_clock(600)

    assert "A clock of ours" not in browser.get("/").text

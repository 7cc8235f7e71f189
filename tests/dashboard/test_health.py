"""The health page: what runs, what waits, and what the workers said last."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tenants.broker.service import forget_configuration
from tenants.choices import RunKind, Urgency
from tenants.dashboard.selectors.health import health
from tenants.models import Breaker, Run, SealedSecret, Tenant, Worker
from tenants.runs import workers
from tests.dashboard.conftest import MakeTenant

URL = reverse("dashboard:health")


@pytest.fixture
def worker(db: None) -> Worker:
    now = timezone.now()
    return Worker.objects.create(
        **{"mark": "here:1:2", "host": "host-a", "pid": 4711, "version": "1.2.3", "slots": 8},
        **{"busy": 3, "started_at": now - timedelta(hours=2), "seen_at": now},
        **{"ticked_at": now, "beaten_at": now},
    )


def _page(browser: Client) -> str:
    return " ".join(browser.get(URL).text.split())


def test_where_ticks_are_set_to_come_seldom_they_are_not_late_in_between(
    worker: Worker, settings: Any
) -> None:
    settings.TICK_EVERY_S = 60
    Worker.objects.update(ticked_at=timezone.now() - timedelta(seconds=59))

    assert not health().ticks_are_late


def test_it_is_a_link_away_from_every_page(browser: Client):
    assert f'href="{URL}"' in browser.get(reverse("dashboard:runs")).text


def test_without_workers_it_says_what_that_means(browser: Client):
    page = _page(browser)

    assert "No worker gives signs of life" in page
    assert "No worker has been here yet" in page
    assert "no worker to tell" in page


def test_a_worker_is_shown_with_what_it_does(browser: Client, worker: Worker):
    page = _page(browser)

    assert "host-a:4711" in page
    assert "Alive" in page
    assert "3 of 8" in page
    assert "1.2.3" in page
    assert "to all of them" in page
    assert "No worker gives signs of life" not in page


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"seen_at": timezone.now() - timedelta(minutes=5)}, "Silent"),
        ({"ended_at": timezone.now()}, "Ended"),
    ],
)
def test_a_worker_that_is_gone_is_told_from_one_that_lives(
    fields: dict[str, object], word: str, browser: Client, worker: Worker
):
    Worker.objects.update(**fields)

    page = _page(browser)

    assert word in page
    assert "Alive" not in page


def test_a_beat_that_is_away_is_no_missing_tick(browser: Client, worker: Worker):
    Worker.objects.update(beaten_at=timezone.now() - timedelta(minutes=5))

    page = _page(browser)

    assert "Beat rang" in page
    assert "workers tick by themselves" in page


def test_redis_is_what_the_living_workers_say(browser: Client, worker: Worker):
    Worker.objects.update(redis_away_at=timezone.now() - timedelta(minutes=3))

    page = _page(browser)

    assert "Away" in page
    assert "for 1 of 1 since" in page


def test_the_queue_is_told_by_class_with_its_age(browser: Client, acme: Tenant, worker: Worker):
    long_due = timezone.now() - timedelta(minutes=20)
    Run.objects.create(
        **{"tenant": acme, "kind": RunKind.SYNC, "trigger": "operator"},
        not_before=long_due,
        urgency=Urgency.INTERACTIVE,
    )

    page = _page(browser)

    assert "Interactive" in page
    assert "20 min ago" in page
    assert "Late" in page


def test_orgs_that_are_left_alone_lead_to_their_tenants(browser: Client, make_tenant: MakeTenant):
    tenant = make_tenant("<b>Söhne</b>")
    Breaker.objects.create(
        tenant=tenant, failures=5, open_until=timezone.now() + timedelta(minutes=9)
    )

    page = _page(browser)

    assert reverse("dashboard:tenant", args=[tenant.pk]) in page
    assert "&lt;b&gt;Söhne" in page
    assert "1 open" in page


def test_sealed_values_are_counted_by_key(browser: Client, acme: Tenant):
    for number, key in enumerate(["old-1", "old-1", "local-2"]):
        SealedSecret.objects.create(
            tenant=acme,
            field=f"f{number}",
            owner_id=acme.pk,
            sealed=f"okv1:{key}:A-_a:{number}",
        )

    page = _page(browser)

    assert '<span class="mono">old-1</span><span>2' in page
    assert '<span class="mono">local-2</span><span>1' in page
    assert "Seals new ones" in page  # the primary, though nothing is sealed under it yet


def test_a_web_process_without_its_keys_says_so(browser: Client, settings, tmp_path: Path):
    settings.KEYRING_FILE = tmp_path / "missing.json"
    forget_configuration()

    page = _page(browser)
    forget_configuration()

    assert "This web process has no key ring" in page


def test_what_the_broker_did_is_summed_over_all_workers(browser: Client, worker: Worker):
    Worker.objects.update(
        figures=[
            ["oin_token_requests_total", {"source": "memory"}, 70.0],
            ["oin_token_requests_total", {"source": "redis"}, 20.0],
            ["oin_token_requests_total", {"source": "okta"}, 10.0],
            ["oin_budget_wait_seconds_count", {}, 4.0],
            ["oin_budget_wait_seconds_sum", {}, 90.0],
        ]
    )

    page = _page(browser)

    assert "90 % (70 from memory, 20 from Redis)" in page
    assert "4, 1 min 30 s in all" in page


def test_a_fleet_that_is_paused_says_so_here_too(browser: Client, operator, worker: Worker):
    browser.post(reverse("dashboard:fleet_pause"), {"reason": "Moving"})

    assert "The fleet is paused" in _page(browser)


def test_a_long_gone_worker_does_not_push_the_living_off_the_page(browser: Client, worker: Worker):
    ago = timezone.now() - timedelta(minutes=30)
    Worker.objects.bulk_create(
        Worker(mark=f"m{n}", host="gone", pid=n, version="1", slots=1, started_at=ago, seen_at=ago)
        for n in range(100)
    )

    assert "host-a:4711" in _page(browser)
    assert workers.living().get() == worker


def test_it_costs_few_queries(browser: Client, worker: Worker):
    with CaptureQueriesContext(connection) as few:
        browser.get(URL)

    assert len(few) <= 16


def test_a_try_that_is_due_is_not_told_as_past(browser: Client, make_tenant: MakeTenant):
    over = timezone.now() - timedelta(minutes=3)
    Breaker.objects.create(tenant=make_tenant("Acme"), failures=5, open_until=over)

    page = _page(browser)

    assert ">at the next run</time>" in page
    assert "3 min ago" not in page

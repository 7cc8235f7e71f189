"""What Prometheus reads, and who else may not."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from tenants import figures
from tenants.choices import RunKind, RunState, TenantState, Trigger, Urgency
from tenants.models import Breaker, Job, Run, Tenant, Worker
from tenants.runs.workers import SignOfLife

pytestmark = pytest.mark.django_db

URL = "/metrics"
TOKEN = "a-token-of-enough-characters"


@pytest.fixture
def tenant() -> Tenant:
    return Tenant.objects.create(name="Acme Söhne", host="acme.okta.com", state="connected")


def _samples(client: Client) -> dict[str, float]:
    """Values by name, those of a label by ``name/label value``."""
    families = text_string_to_metric_families(client.get(URL).text)
    return {
        "/".join([sample.name, *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
    }


def _asked(**request: object) -> int:
    return Client(raise_request_exception=False).get(URL, **request).status_code


def test_this_machine_may_read_where_no_token_is_set() -> None:
    assert _asked(REMOTE_ADDR="127.0.0.1") == 200
    assert _asked(REMOTE_ADDR="::1") == 200


@pytest.mark.parametrize(
    "request_",
    [
        {"REMOTE_ADDR": "10.0.0.1"},
        {"REMOTE_ADDR": "::1234"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "headers": {"X-Forwarded-For": "127.0.0.1"}},
        {"REMOTE_ADDR": "127.0.0.1", "headers": {"Forwarded": "for=10.0.0.1"}},
    ],
    ids=[
        "another machine",
        "one whose address begins like ours",
        "nobody knows",
        "through a proxy",
        "through another",
    ],
)
def test_nobody_else_may(request_: dict[str, object]) -> None:
    assert _asked(**request_) == 404


def test_behind_a_proxy_a_token_must_be_set(settings) -> None:
    settings.BEHIND_PROXY = True

    assert _asked(REMOTE_ADDR="127.0.0.1") == 404


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"Bearer {TOKEN}x", 404),
        (f"Basic {TOKEN}", 404),
        (TOKEN, 404),
        ("Bearer", 404),
        ("Bearer é\udcff", 404),
        ("", 404),
    ],
)
def test_with_a_token_set_only_the_token_opens(settings, given: str, expected: int) -> None:
    settings.METRICS_TOKEN = TOKEN

    assert _asked(headers={"Authorization": given}) == expected


def test_who_may_not_read_finds_what_is_nowhere(settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    nowhere = Client().get("/nowhere")

    for ask in (Client().get, Client().post, Client().head):
        refused = ask(URL)

        assert refused.status_code == 404
        assert refused.headers.keys() == nowhere.headers.keys()


def test_what_is_written_cannot_be_posted(client: Client) -> None:
    assert client.post(URL).status_code == 405


def test_the_queue_is_told_by_urgency(client: Client, tenant: Tenant) -> None:
    due_at = timezone.now() - timedelta(minutes=5)
    of = {"tenant": tenant, "trigger": Trigger.SCHEDULE}
    Run.objects.create(**of, kind=RunKind.SYNC, not_before=due_at, urgency=Urgency.BULK)
    later = timezone.now() + timedelta(hours=1)
    Run.objects.create(**of, kind=RunKind.AUDIT, not_before=later)
    Run.objects.create(**of, kind=RunKind.VERIFY, state=RunState.RUNNING)
    Run.objects.create(**of, kind=RunKind.VERIFY, state=RunState.FAILED)

    samples = _samples(client)

    assert samples["oin_queue_due_runs/bulk"] == 1
    assert samples["oin_queue_due_runs/scheduled"] == 0
    assert 300 <= samples["oin_queue_oldest_due_seconds/bulk"] < 310
    assert samples["oin_runs_live/queued"] == 2
    assert samples["oin_runs_live/running"] == 1


def test_workers_are_told(client: Client) -> None:
    SignOfLife(slots=8).give(redis_is_away=True)
    Worker.objects.update(busy=3, ticked_at=timezone.now() - timedelta(seconds=7))

    samples = _samples(client)

    assert samples["oin_workers"] == 1
    assert (samples["oin_worker_slots"], samples["oin_worker_slots_busy"]) == (8, 3)
    assert samples["oin_workers_without_redis"] == 1
    assert 7 <= samples["oin_tick_age_seconds"] < 9
    assert "oin_beat_age_seconds" not in samples


def test_tenants_breakers_and_the_schedule_are_told(client: Client, tenant: Tenant) -> None:
    now = timezone.now()
    Job.objects.create(
        tenant=tenant, kind="sync", every_s=60, next_run_at=now - timedelta(seconds=90)
    )
    for number, open_until in enumerate([None, now + timedelta(minutes=1), now]):
        other = Tenant.objects.create(name=f"T{number}", state=TenantState.PAUSED)
        Breaker.objects.create(tenant=other, failures=2, open_until=open_until)

    samples = _samples(client)

    assert samples["oin_tenants/ok"] == 1
    assert samples["oin_tenants/paused"] == 3
    assert [samples[f"oin_breakers/{state}"] for state in ("open", "half_open", "failing")] == [
        *(1, 1, 1)
    ]
    assert 90 <= samples["oin_schedule_late_seconds"] < 95


def test_what_workers_counted_is_summed(client: Client) -> None:
    figures.slice_seconds.labels("sync").observe(3)
    mine = SignOfLife(slots=1)
    mine.give(redis_is_away=False)
    row = Worker.objects.get()
    Worker.objects.create(
        **{"mark": "m", "host": "h", "pid": 1, "version": "9", "slots": 1, "seen_at": row.seen_at},
        started_at=row.started_at,
        figures=[*row.figures, ["oin_of_a_later_version_total", {}, 1.0]],
    )

    samples = _samples(client)

    name = "oin_slice_seconds_count"
    (own,) = (s[2] for s in row.figures if s[:2] == [name, {"kind": "sync"}])
    assert samples["oin_slice_seconds_count/sync"] == 2 * own
    assert samples["oin_slice_seconds_bucket/sync/5.0"] >= 2
    assert "oin_of_a_later_version_total" not in samples


def test_no_tenant_is_named(client: Client, tenant: Tenant) -> None:
    SignOfLife(slots=1).give(redis_is_away=False)

    text = client.get(URL).text

    assert "Acme" not in text
    assert "acme" not in text
    assert str(tenant.pk) not in text


def test_names_follow_prometheus_conventions(client: Client) -> None:
    for family in text_string_to_metric_families(client.get(URL).text):
        assert re.fullmatch(r"oin_[a-z_]+", family.name)
        assert family.documentation.endswith(".")
        assert family.type in {"gauge", "counter", "histogram"}
        if family.type == "histogram":
            assert family.name.endswith("_seconds")


def test_a_scrape_costs_few_queries(client: Client, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(12):
        client.get(URL)

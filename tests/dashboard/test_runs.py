"""Runs: the list, one run live, and what can be done about it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants.choices import RunKind, RunState, TenantState, Trigger
from tenants.models import AuditEvent, Breaker, Run, Tenant, Worker
from tenants.runs import owners
from tenants.runs.workers import SignOfLife
from tests.dashboard.conftest import MakeTenant


def _url(name: str, run: Run) -> str:
    return reverse(f"dashboard:{name}", args=[run.pk])


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 3), ("kind=sync", 1), ("state=failed", 0), ("q=acm", 3), ("q=globex", 0), ("kind=x", 3)],
)
def test_runs_can_be_narrowed(query: str, count: int, browser: Client, acme: Tenant):
    response = browser.get(f"/runs/?{query}")

    assert len(response.context["page"].rows) == count


def test_runs_stand_newest_first_and_come_in_pages(browser: Client, acme: Tenant):
    facts = {"tenant": acme, "kind": RunKind.SYNC, "trigger": Trigger.SCHEDULE}
    for _ in range(60):
        Run.objects.create(state=RunState.SUCCEEDED, **facts)

    first = browser.get("/runs/").context["page"]
    second = browser.get("/runs/" + first.next_url).context["page"]

    shown = [run.created_at for run in [*first.rows, *second.rows]]
    assert len(shown) == 63
    assert shown == sorted(shown, reverse=True)


def test_before_anything_ran_the_list_says_what_will(browser: Client):
    assert "Nothing has run yet" in browser.get("/runs/").text


@pytest.mark.parametrize("kind", [RunKind.VERIFY, RunKind.SYNC, RunKind.AUDIT])
def test_an_ended_run_shows_its_outcome(kind: RunKind, browser: Client, acme: Tenant):
    run = Run.objects.get(tenant=acme, kind=kind)

    text = browser.get(_url("run", run)).text

    expected = {
        "verify": "Organisation found",
        "sync": "2 removals held for a human",
        "audit": "No key could be read.",
    }
    assert expected[kind] in text
    assert "hx-trigger" not in text
    assert "<b>" not in text


def test_a_live_run_shows_progress_and_keeps_asking(browser: Client, live_run: Run):
    page = browser.get(_url("run", live_run)).text
    part = browser.get(_url("run_live", live_run)).text

    assert f'hx-get="{_url("run_live", live_run)}" hx-trigger="every 1s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert '<progress value="31" max="74"' in part
    assert "Reading policy rules" in part
    assert "<html" not in part


def test_the_end_of_a_run_reloads_its_page_once(browser: Client, live_run: Run):
    Run.objects.filter(pk=live_run.pk).update(state=RunState.SUCCEEDED)

    response = browser.get(_url("run_live", live_run))

    assert response["HX-Refresh"] == "true"


def test_a_wait_says_what_for_and_until_when(browser: Client, live_run: Run):
    Run.objects.filter(pk=live_run.pk).update(
        state=RunState.QUEUED,
        not_before=timezone.now() + timedelta(minutes=2, seconds=30),
        waiting_for="Okta's rate limit",
    )

    text = browser.get(_url("run", live_run)).text

    assert "Waiting for Okta&#x27;s rate limit; goes on" in text
    assert "in 2 min" in text


def test_a_run_that_no_worker_takes_says_so(browser: Client, live_run: Run):
    long_due = timezone.now() - timedelta(minutes=1)
    Run.objects.filter(pk=live_run.pk).update(state=RunState.QUEUED, not_before=long_due)

    assert (
        "No worker has taken it up yet. Nothing is lost" in browser.get(_url("run", live_run)).text
    )


def test_a_run_of_a_paused_tenant_says_what_it_waits_for(browser: Client, live_run: Run):
    long_due = timezone.now() - timedelta(minutes=1)
    Run.objects.filter(pk=live_run.pk).update(state=RunState.QUEUED, not_before=long_due)
    Tenant.objects.update(state=TenantState.PAUSED)

    text = browser.get(_url("run", live_run)).text

    assert "The tenant is paused." in text
    assert "No worker" not in text


def test_a_failure_is_explained(browser: Client, live_run: Run):
    Run.objects.filter(pk=live_run.pk).update(
        state=RunState.FAILED, error_code="network_zone", error_detail="access_denied <b>"
    )

    text = browser.get(_url("run", live_run)).text

    assert "Your org lets only certain networks ask for tokens" in text
    assert "What the customer&#x27;s admin has to do" in text
    assert "access_denied &lt;b&gt;" in text


@pytest.mark.parametrize("code", ["shrink_held", "quarantined", "internal"])
def test_what_is_our_own_task_is_not_put_on_the_customer(code: str, browser, live_run: Run):
    Run.objects.filter(pk=live_run.pk).update(state=RunState.ERRORED, error_code=code)

    text = browser.get(_url("run", live_run)).text

    assert "What to do" in text
    assert "customer&#x27;s admin has to" not in text
    assert "tell us" not in text


def test_an_ended_run_can_be_asked_for_again(browser: Client, acme: Tenant):
    run = Run.objects.get(tenant=acme, kind=RunKind.AUDIT)

    response = browser.post(_url("run_retry", run), follow=True)

    again = Run.objects.get(trigger=Trigger.RETRY)
    assert response.redirect_chain == [(_url("run", again), 302)]
    assert "Queued again." in response.text
    assert AuditEvent.objects.filter(action="run.retried", tenant=acme).exists()


def test_asking_again_does_not_accept_removals_again(browser: Client, acme: Tenant):
    run = Run.objects.get(tenant=acme, kind=RunKind.SYNC)
    Run.objects.filter(pk=run.pk).update(params={"accept_removals": True})

    browser.post(_url("run_retry", run))

    assert Run.objects.get(trigger=Trigger.RETRY).params == {}


def test_asking_twice_ends_in_a_sentence(browser: Client, acme: Tenant):
    run = Run.objects.get(tenant=acme, kind=RunKind.AUDIT)
    browser.post(_url("run_retry", run))

    response = browser.post(_url("run_retry", run), follow=True)

    assert "already queued or running" in response.text
    assert Run.objects.filter(trigger=Trigger.RETRY).count() == 1


def test_a_live_run_can_be_cancelled_and_an_ended_one_not(browser: Client, live_run: Run, acme):
    ended = Run.objects.get(tenant=acme, kind=RunKind.AUDIT)

    cancelled = browser.post(_url("run_cancel", live_run), follow=True)
    refused = browser.post(_url("run_cancel", ended), follow=True)

    live_run.refresh_from_db()
    assert live_run.cancel_asked_at
    assert "stops after its current page" in cancelled.text
    assert "This run has already ended." in refused.text


def test_a_refused_proof_offers_no_retry(browser: Client, acme: Tenant):
    run = Run.objects.get(tenant=acme, kind=RunKind.VERIFY)
    Run.objects.filter(pk=run.pk).update(state=RunState.FAILED, error_code="wrong_secret")

    page = browser.get(_url("run", run)).text
    forced = browser.post(_url("run_retry", run), follow=True).text

    assert _url("run_retry", run) not in page
    assert "A refused secret is not kept." in forced


def _failed(tenant: Tenant, *, minutes_ago: int = 5, **fields: Any) -> Run:
    facts = {"kind": RunKind.SYNC, "trigger": Trigger.SCHEDULE, "state": RunState.FAILED, **fields}
    then = timezone.now() - timedelta(minutes=minutes_ago)
    return Run.objects.create(tenant=tenant, **{"created_at": then, "ended_at": then, **facts})


def test_failed_runs_can_be_retried_all_at_once(browser: Client, make_tenant: MakeTenant):
    failed = [_failed(make_tenant(f"Tenant {number}")) for number in range(3)]
    offered = browser.get("/runs/?state=failed").text
    asked = browser.get("/runs/retry/?state=failed").text

    response = browser.post("/runs/retry/?state=failed", follow=True)

    again = Run.objects.filter(trigger=Trigger.RETRY)
    assert "/runs/retry/?state=failed" in offered
    assert "Retry 3 runs?" in asked
    assert "3 runs queued again." in response.text
    assert {run.tenant_id for run in again} == {run.tenant_id for run in failed}
    assert AuditEvent.objects.filter(action="run.retried").count() == 3


def test_what_was_followed_by_another_run_is_left_out(browser: Client, make_tenant: MakeTenant):
    mended, live, paused = (make_tenant(name) for name in ("Mended", "Live", "Paused"))
    _failed(mended, minutes_ago=9)
    _failed(mended, state=RunState.SUCCEEDED)
    _failed(live, minutes_ago=9)
    _failed(live, state=RunState.QUEUED, ended_at=None)
    _failed(paused)
    Tenant.objects.filter(pk=paused.pk).update(state=TenantState.PAUSED)
    _failed(make_tenant("Proof"), kind=RunKind.VERIFY)

    assert "Nothing to retry" in browser.get("/runs/retry/?state=failed").text
    browser.post("/runs/retry/?state=failed")

    assert not Run.objects.filter(trigger=Trigger.RETRY).exists()


def test_only_what_matches_is_retried(browser: Client, make_tenant: MakeTenant):
    wanted, other = make_tenant("Acme"), make_tenant("Globex")
    _failed(wanted)
    _failed(wanted, kind=RunKind.AUDIT)
    _failed(other)

    browser.post("/runs/retry/?state=failed&kind=sync&q=acm")

    (again,) = Run.objects.filter(trigger=Trigger.RETRY)
    assert (again.tenant, again.kind) == (wanted, RunKind.SYNC)


def test_sending_it_twice_retries_once(browser: Client, make_tenant: MakeTenant):
    _failed(make_tenant("Acme"))

    for _ in range(2):
        browser.post("/runs/retry/?state=failed")

    assert Run.objects.filter(trigger=Trigger.RETRY).count() == 1


def test_one_request_takes_a_bounded_bite(
    browser: Client, make_tenant: MakeTenant, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tenants.dashboard.views.runs.MOST_RETRIES", 2)
    for number in range(3):
        _failed(make_tenant(f"Tenant {number}"))

    assert "These are the first 2" in browser.get("/runs/retry/?state=failed").text
    browser.post("/runs/retry/?state=failed")

    assert Run.objects.filter(trigger=Trigger.RETRY).count() == 2


def test_the_button_is_there_only_for_who_may_and_for_what_went_wrong(
    browser: Client, viewer: Client, make_tenant: MakeTenant
):
    _failed(make_tenant("Acme"))

    assert "Retry all that match" in browser.get("/runs/?state=failed").text
    assert "Retry all that match" not in browser.get("/runs/").text
    assert "Retry all that match" not in viewer.get("/runs/?state=failed").text


def test_a_running_run_tells_how_it_is_with_its_worker(browser: Client, live_run: Run):
    SignOfLife(slots=1).give(redis_is_away=False)
    lease_until = timezone.now() + timedelta(minutes=2)
    Run.objects.update(owner=owners.new_mark(), lease_until=lease_until)
    at_work = browser.get(_url("run", live_run)).text
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    gone = browser.get(_url("run", live_run)).text

    assert "<dt>Its worker is</dt><dd>at work</dd>" in at_work
    assert "<dt>Its worker is</dt><dd>gone;" in gone


@pytest.mark.parametrize(
    ("seen_ago", "told", "state"),
    [
        (timedelta(0), "Cancelling. Its worker is at work", RunState.RUNNING),
        (timedelta(minutes=1), "Cancelled. Its worker was gone.", RunState.CANCELLED),
    ],
)
def test_cancelling_says_whether_the_worker_was_alive(
    seen_ago: timedelta, told: str, state: RunState, browser: Client, live_run: Run
):
    SignOfLife(slots=1).give(redis_is_away=False)
    Worker.objects.update(seen_at=timezone.now() - seen_ago)
    lease_until = timezone.now() + timedelta(minutes=2)
    Run.objects.update(owner=owners.new_mark(), lease_until=lease_until)

    page = browser.post(_url("run_cancel", live_run), follow=True).text

    assert told in page
    assert Run.objects.get(pk=live_run.pk).state == state


def test_outside_of_a_proof_nobody_is_told_that_the_secret_is_gone(browser: Client, live_run: Run):
    Run.objects.filter(pk=live_run.pk).update(state=RunState.FAILED, error_code="network_zone")
    Tenant.objects.update(state=TenantState.ATTENTION, attention_code="network_zone")

    run = browser.get(_url("run", live_run)).text
    tenant = browser.get(reverse("dashboard:tenant", args=[live_run.tenant_id])).text

    for page in (run, tenant):
        assert "What was read before is kept." in page
        assert "The secret was not kept." not in page


def test_of_a_proof_that_failed_the_secret_is_not_kept(browser: Client, acme: Tenant):
    run = Run.objects.get(tenant=acme, kind=RunKind.VERIFY)
    Run.objects.filter(pk=run.pk).update(state=RunState.FAILED, error_code="network_zone")

    assert "The secret was not kept." in browser.get(_url("run", run)).text


def _put_in_the_queue(run: Run) -> None:
    long_due = timezone.now() - timedelta(minutes=1)
    Run.objects.filter(pk=run.pk).update(
        state=RunState.QUEUED, not_before=long_due, started_at=None, activity=""
    )


def test_a_run_of_an_org_that_is_left_alone_says_until_when(browser: Client, live_run: Run):
    _put_in_the_queue(live_run)
    in_a_while = timezone.now() + timedelta(minutes=9, seconds=30)
    Breaker.objects.create(tenant=live_run.tenant, failures=5, open_until=in_a_while)

    shut = browser.get(_url("run", live_run)).text
    Breaker.objects.update(open_until=timezone.now() - timedelta(minutes=1))
    due_for_a_try = browser.get(_url("run", live_run)).text

    assert "The org does not answer and is left alone" in shut
    assert "in 9 min" in shut
    assert "No worker" not in shut
    assert "No worker has taken it up yet" in due_for_a_try


def test_a_run_in_the_queue_is_not_said_to_start(browser: Client, live_run: Run):
    _put_in_the_queue(live_run)
    tenant = reverse("dashboard:tenant", args=[live_run.tenant_id])

    for url in (_url("run", live_run), tenant):
        page = browser.get(url).text

        assert "In the queue" in page
        assert "Starting" not in page


def test_where_nothing_is_left_to_retry_that_is_no_success(browser: Client):
    page = browser.post("/runs/retry/?state=failed", follow=True).text

    assert "0 runs queued again" in page
    assert "tone-warn" in page


def test_a_line_of_the_log_has_its_day(browser: Client, live_run: Run):
    at = timezone.now() - timedelta(days=2)
    live_run.events.create(text="Reading apps", at=at)

    assert f'title="{at:%Y-%m-%d %H:%M:%S} UTC"' in browser.get(_url("run", live_run)).text

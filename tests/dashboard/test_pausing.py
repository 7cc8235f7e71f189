"""Pausing one job or the whole fleet: asked twice, told everywhere, on the record."""

import pytest
from django.test import Client
from django.urls import reverse

from tenants.choices import RunKind, TenantState
from tenants.models import AuditEvent, FleetPause, Job, Run, Tenant, User

PAUSE = reverse("dashboard:fleet_pause")
RESUME = reverse("dashboard:fleet_resume")


def _job(act: str, tenant: Tenant) -> str:
    return reverse(f"dashboard:tenant_job_{act}", args=[tenant.pk])


@pytest.fixture
def paused(operator: User) -> FleetPause:
    return FleetPause.objects.create(actor=operator, reason="Moving the <b>database</b>")


def test_the_fleet_is_paused_after_a_question(browser: Client, operator: User):
    asked = browser.get(PAUSE)
    between = FleetPause.objects.exists()
    done = browser.post(PAUSE, {"reason": "Moving the database"}, follow=True)

    assert "Pause the whole fleet?" in asked.text
    assert not between
    assert "The fleet is paused" in done.text
    event = AuditEvent.objects.get(action="fleet.paused")
    assert (event.actor, event.detail) == (operator, {"reason": "Moving the database"})


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201, "\x00"])
def test_the_fleet_is_not_paused_without_a_reason(reason: str, browser: Client):
    assert browser.post(PAUSE, {"reason": reason}).status_code == 422
    assert not FleetPause.objects.exists()


def test_a_second_pause_changes_nothing(browser: Client, paused: FleetPause):
    response = browser.post(PAUSE, {"reason": "Another one"}, follow=True)

    assert "paused already" in response.text
    assert FleetPause.objects.get().reason == paused.reason
    assert not AuditEvent.objects.filter(action="fleet.paused").exists()


def test_while_it_is_paused_the_fleet_is_not_to_be_paused(browser: Client, paused: FleetPause):
    during = browser.get(reverse("dashboard:fleet")).text
    browser.post(RESUME)

    assert PAUSE not in during
    assert PAUSE in browser.get(reverse("dashboard:fleet")).text


@pytest.mark.parametrize("page", ["fleet", "runs", "tenant_new"])
def test_every_page_says_so_while_it_lasts(page: str, browser: Client, paused: FleetPause):
    text = browser.get(reverse(f"dashboard:{page}")).text

    assert "Moving the &lt;b&gt;database" in text
    assert "op@example.com" in text
    assert RESUME in text


def test_a_viewer_is_told_and_has_no_button(viewer: Client, paused: FleetPause):
    text = viewer.get(reverse("dashboard:fleet")).text

    assert "The fleet is paused" in text
    assert RESUME not in text


def test_a_queued_run_says_what_it_waits_for(browser: Client, acme: Tenant, paused: FleetPause):
    run = Run.objects.create(tenant=acme, kind=RunKind.SYNC, trigger="schedule")

    text = browser.get(reverse("dashboard:run", args=[run.pk])).text

    assert "The fleet is paused. The run starts when it is resumed." in text


def test_a_queued_run_of_a_tenant_that_has_left_says_so(browser: Client, acme: Tenant):
    Tenant.objects.filter(pk=acme.pk).update(state=TenantState.DELETED)
    run = Run.objects.create(tenant=acme, kind=RunKind.ROTATE, trigger="schedule")

    text = browser.get(reverse("dashboard:run", args=[run.pk])).text

    assert "The tenant has left. The run starts only if it comes back." in text
    assert "The fleet is paused" not in text


def test_the_fleet_is_resumed_once(browser: Client, operator: User, paused: FleetPause):
    resumed = browser.post(RESUME, follow=True)
    again = browser.post(RESUME, follow=True)

    assert "The fleet works again." in resumed.text
    assert "The fleet is not paused." in again.text
    assert AuditEvent.objects.get(action="fleet.resumed").actor == operator
    assert "Moving" not in browser.get(reverse("dashboard:fleet")).text


def test_a_job_is_paused_and_resumed(browser: Client, operator: User, acme: Tenant):
    paused = browser.post(_job("pause", acme), {"kind": "audit"}, follow=True)
    enabled = dict(Job.objects.values_list("kind", "enabled"))
    browser.post(_job("resume", acme), {"kind": "audit"})

    assert "Job paused." in paused.text
    assert enabled == {"audit": False, "sync": True}
    assert not Job.objects.filter(enabled=False).exists()
    events = AuditEvent.objects.filter(action__startswith="job.")
    assert [(event.action, event.actor, event.detail) for event in events.order_by("at")] == [
        ("job.paused", operator, {"kind": "audit"}),
        ("job.resumed", operator, {"kind": "audit"}),
    ]


@pytest.mark.parametrize("kind", ["", "verify", "purple", "\x00"])
def test_what_is_no_standing_job_is_refused(kind: str, browser: Client, acme: Tenant):
    response = browser.post(_job("pause", acme), {"kind": kind}, follow=True)

    assert "Only a sync or an audit is a standing job." in response.text


def test_a_tenant_without_jobs_has_none_to_pause(browser: Client, invited: Tenant):
    response = browser.post(_job("pause", invited), {"kind": "sync"}, follow=True)

    assert "has no such standing job" in response.text


def test_a_paused_job_gives_the_fleet_no_next_run(browser: Client, acme: Tenant):
    for kind in ("sync", "audit"):
        browser.post(_job("pause", acme), {"kind": kind})

    acme.summary.refresh_from_db()
    assert acme.summary.next_run_at is None

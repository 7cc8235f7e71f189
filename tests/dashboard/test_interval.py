"""A job's own interval: offered, asked, told and on the record."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants.choices import RunKind
from tenants.models import AuditEvent, Job, Tenant, User
from tenants.runs import dispatch


def _url(tenant: Tenant, kind: str = "sync") -> str:
    return f"{reverse('dashboard:tenant_job_interval', args=[tenant.pk])}?kind={kind}"


def _own(tenant: Tenant) -> int | None:
    return Job.objects.get(tenant=tenant, kind=RunKind.SYNC).own_every_s


def test_the_tenants_page_leads_to_it(browser: Client, acme: Tenant):
    assert _url(acme) in browser.get(reverse("dashboard:tenant", args=[acme.pk])).text


def test_presets_are_offered_with_what_holds_for_all(browser: Client, acme: Tenant, settings):
    settings.SYNC_EVERY_S = 5400

    page = browser.get(_url(acme)).text

    assert "How often should sync run" in page
    assert "as for all tenants: every 1 h 30 min" in page
    assert "every 15 min" in page
    assert _own(acme) is None


def test_an_interval_is_set_and_told_and_planned(
    browser: Client, acme: Tenant, operator: User, settings
):
    response = browser.post(_url(acme), {"every": "900"}, follow=True)
    dispatch.tick()

    job = Job.objects.get(tenant=acme, kind=RunKind.SYNC)
    event = AuditEvent.objects.get(action="job.interval_set")
    assert "The new interval holds" in response.text
    assert (job.own_every_s, job.every_s) == (900, 900)
    assert (event.actor, event.detail) == (operator, {"kind": "sync", "every": "900 s"})
    page = browser.get(reverse("dashboard:tenant", args=[acme.pk])).text
    assert "every 15 min (its own)" in page


def test_a_job_follows_the_installation_again(browser: Client, acme: Tenant):
    browser.post(_url(acme), {"every": "900"})

    browser.post(_url(acme), {"every": ""})

    assert _own(acme) is None
    told = AuditEvent.objects.filter(action="job.interval_set").latest("at").detail
    assert told == {"kind": "sync", "every": "as the installation"}


def test_what_holds_already_is_not_recorded_again(browser: Client, acme: Tenant):
    browser.post(_url(acme), {"every": ""})

    assert not AuditEvent.objects.filter(action="job.interval_set").exists()


@pytest.mark.parametrize("every", ["0", "-5", "7", "x", "1e9", "900\x00", "9" * 40])
def test_what_is_not_offered_is_refused(every: str, browser: Client, acme: Tenant):
    response = browser.post(_url(acme), {"every": every})

    assert response.status_code == 422
    assert _own(acme) is None


def test_an_odd_interval_that_holds_is_among_those_offered(browser: Client, acme: Tenant):
    Job.objects.filter(tenant=acme).update(own_every_s=77)

    page = browser.get(_url(acme)).text

    assert '<option value="77" selected>every 1 min 17 s</option>' in page


@pytest.mark.parametrize("kind", ["", "verify", "purple", "\x00"])
def test_what_is_no_standing_job_has_none(kind: str, browser: Client, acme: Tenant):
    for ask in (browser.get, browser.post):
        response = ask(_url(acme, kind), follow=True)

        assert "no such standing job" in response.text


def test_a_tenant_without_jobs_has_none(browser: Client, invited: Tenant):
    assert "no such standing job" in browser.get(_url(invited), follow=True).text


def test_a_new_interval_for_many_is_planned_over_some_ticks(
    acme: Tenant, settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tenants.runs.schedule.BATCH", 2)
    later = timezone.now() + timedelta(minutes=30)
    tenants = [Tenant.objects.create(name=f"T{number}") for number in range(9)]
    for tenant in tenants:
        Job.objects.create(tenant=tenant, kind=RunKind.SYNC, every_s=3600, next_run_at=later)
    Job.objects.filter(tenant=acme).delete()
    settings.SYNC_EVERY_S = 7200

    planned = []
    for _ in range(4):
        dispatch.tick()
        planned.append(Job.objects.filter(every_s=7200).count())

    assert planned == [4, 8, 9, 9]

"""Acting on a tenant: what is done, what is refused, and that both are told."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants.choices import RunKind, RunState, TenantState
from tenants.connections.control import tenant_pause, tenant_resume
from tenants.models import AuditEvent, Breaker, Run, SetupLink, Tenant, User


def _url(name: str, tenant: Tenant) -> str:
    return reverse(f"dashboard:tenant_{name}", args=[tenant.pk])


@pytest.mark.parametrize("kind", ["sync", "audit"])
def test_run_now_queues_a_run_and_shows_it(
    kind: str, browser: Client, acme: Tenant, operator: User
):
    response = browser.post(_url("run", acme), {"kind": kind}, follow=True)

    run = Run.objects.get(tenant=acme, kind=kind, state=RunState.QUEUED)
    assert run.asked_by == operator
    assert response.redirect_chain == [(reverse("dashboard:run", args=[run.pk]), 302)]
    assert AuditEvent.objects.filter(action="run.queued", actor=operator).exists()


def test_run_now_is_refused_while_one_is_live(browser: Client, live_run: Run, acme: Tenant):
    response = browser.post(_url("run", acme), {"kind": "sync"}, follow=True)

    assert "already queued or running" in response.text
    assert Run.objects.filter(kind=RunKind.SYNC).exclude(state="succeeded").count() == 1


def test_run_now_lets_the_one_that_waits_for_its_time_go_on(
    browser: Client, live_run: Run, acme: Tenant, operator: User
):
    later = timezone.now() + timedelta(minutes=50)
    Run.objects.filter(pk=live_run.pk).update(state=RunState.QUEUED, not_before=later)

    response = browser.post(_url("run", acme), {"kind": "sync"}, follow=True)

    live_run.refresh_from_db()
    assert live_run.not_before <= timezone.now()
    assert response.redirect_chain == [(reverse("dashboard:run", args=[live_run.pk]), 302)]
    assert f"{operator} asked to go on now." in response.text
    assert AuditEvent.objects.filter(action="run.hastened", actor=operator).exists()


def test_run_now_pretends_nothing_while_the_org_is_left_alone(
    browser: Client, live_run: Run, acme: Tenant
):
    later = timezone.now() + timedelta(minutes=50)
    Run.objects.filter(pk=live_run.pk).update(state=RunState.QUEUED, not_before=later)
    Breaker.objects.create(tenant=acme, failures=5, open_until=later)

    response = browser.post(_url("run", acme), {"kind": "sync"}, follow=True)

    live_run.refresh_from_db()
    assert live_run.not_before == later
    assert "already queued or running" in response.text


@pytest.mark.parametrize("kind", ["", "verify", "purple"])
def test_other_kinds_cannot_be_started(kind: str, browser: Client, acme: Tenant):
    response = browser.post(_url("run", acme), {"kind": kind}, follow=True)

    assert "Only a sync or an audit can be started here." in response.text
    assert not Run.objects.filter(state=RunState.QUEUED).exists()


def test_a_tenant_that_is_not_connected_has_nothing_to_run(browser: Client, invited: Tenant):
    response = browser.post(_url("run", invited), {"kind": "sync"}, follow=True)

    assert "no proven connection yet" in response.text


def test_pause_and_resume(browser: Client, acme: Tenant):
    paused = browser.post(_url("pause", acme), follow=True)
    acme.refresh_from_db()
    state_between = acme.state
    resumed = browser.post(_url("resume", acme), follow=True)

    acme.refresh_from_db()
    assert state_between == TenantState.PAUSED
    assert acme.state == TenantState.CONNECTED
    assert "Nothing more is read until you resume" in paused.text
    assert "Resumed." in resumed.text


@pytest.mark.parametrize(
    ("act", "words"), [("pause", "no proven connection"), ("resume", "not paused")]
)
def test_nonsense_is_refused_in_a_sentence(act: str, words: str, browser: Client, invited: Tenant):
    response = browser.post(_url(act, invited), follow=True)

    assert words in response.text
    assert response.status_code == 200


@pytest.mark.parametrize("act", ["accept_removals", "link_revoke"])
@pytest.mark.parametrize("typed", ["", "acm", "Globex", "\x00"])
def test_dangerous_acts_ask_for_the_tenants_name(
    act: str, typed: str, browser: Client, acme: Tenant
):
    asked = browser.get(_url(act, acme))
    refused = browser.post(_url(act, acme), {"name": typed})

    assert "Type the tenant&#x27;s name to confirm" in asked.text
    assert refused.status_code == 422
    assert SetupLink.objects.filter(revoked_at=None).count() == 1
    assert not Run.objects.filter(state=RunState.QUEUED).exists()


def test_confirmed_removals_are_accepted_by_the_next_sync(browser: Client, acme: Tenant):
    browser.post(_url("accept_removals", acme), {"name": " acme "})

    assert Run.objects.get(state=RunState.QUEUED).params == {"accept_removals": True}


def test_a_revoked_link_opens_nothing(browser: Client, acme: Tenant):
    response = browser.post(_url("link_revoke", acme), {"name": "Acme"}, follow=True)

    assert "Setup link revoked." in response.text
    assert not SetupLink.objects.filter(tenant=acme, revoked_at=None).exists()


def test_pausing_twice_is_not_told_as_if_nothing_were_connected(browser: Client, acme: Tenant):
    browser.post(_url("pause", acme))
    again = browser.post(_url("pause", acme), follow=True)

    assert "It is paused already." in again.text
    assert "no proven connection" not in again.text
    assert AuditEvent.objects.filter(action="tenant.paused").count() == 1


def test_an_operator_is_told_that_it_was_the_customer_who_paused(
    browser: Client, acme: Tenant, operator: User
):
    tenant_pause(tenant=acme, via="setup link")
    by_customer = browser.get(reverse("dashboard:tenant", args=[acme.pk])).text
    tenant_resume(tenant=acme, actor=operator)
    tenant_pause(tenant=acme, actor=operator)
    by_us = browser.get(reverse("dashboard:tenant", args=[acme.pk])).text

    assert "The customer has paused it" in by_customer
    assert "The customer has paused it" not in by_us

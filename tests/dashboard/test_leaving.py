"""Disconnecting and deleting from the dashboard: asked first, told afterwards."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tenants.choices import RunKind, TenantState
from tenants.models import Resource, Run, SetupLink, Tenant


def _url(name: str, tenant: Tenant) -> str:
    return reverse(f"dashboard:tenant_{name}", args=[tenant.pk])


@pytest.mark.parametrize("act", ["disconnect", "delete"])
@pytest.mark.parametrize("typed", ["", "acm", "Globex", "\x00"])
def test_the_tenants_name_is_asked_for(act: str, typed: str, browser: Client, acme: Tenant):
    asked = browser.get(_url(act, acme))
    refused = browser.post(_url(act, acme), {"name": typed})

    acme.refresh_from_db()
    assert "Type the tenant&#x27;s name to confirm" in asked.text
    assert refused.status_code == 422
    assert acme.state == TenantState.CONNECTED


@pytest.mark.parametrize("typed", ["Caf\u00e9 \u00c9t\u00e9", "cafe\u0301  e\u0301te\u0301"])
def test_a_name_is_typed_as_it_is_seen(typed: str, browser: Client, make_tenant):
    tenant = make_tenant("Cafe\u0301 \u00c9t\u00e9")

    browser.post(_url("delete", tenant), {"name": typed})

    tenant.refresh_from_db()
    assert tenant.state == TenantState.DELETED


def test_a_disconnected_tenant_says_so(browser: Client, acme: Tenant):
    response = browser.post(_url("disconnect", acme), {"name": "Acme"}, follow=True)

    assert "Disconnected. The secret and everything that was read are being deleted." in (
        response.text
    )
    assert "The customer can connect again by a setup link" in response.text
    assert Run.objects.filter(tenant=acme, kind=RunKind.DISCONNECT, state="queued").exists()


def test_a_deleted_tenant_is_restored(browser: Client, acme: Tenant):
    deleted = browser.post(_url("delete", acme), {"name": "Acme"}, follow=True)
    restored = browser.post(_url("restore", acme), follow=True)

    acme.refresh_from_db()
    assert "until then it can be restored" in deleted.text
    assert ">Restore<" in deleted.text
    assert "Restored." in restored.text
    assert acme.state == TenantState.PAUSED
    assert Resource.objects.filter(tenant=acme).exists()


@pytest.mark.parametrize("act", ["disconnect", "delete"])
def test_twice_is_refused_in_a_sentence(act: str, browser: Client, acme: Tenant):
    browser.post(_url(act, acme), {"name": "Acme"})
    again = browser.post(_url(act, acme), {"name": "Acme"}, follow=True)

    assert "disconnected or deleted already" in again.text


def test_what_is_not_deleted_is_not_restored(browser: Client, acme: Tenant):
    response = browser.post(_url("restore", acme), follow=True)

    assert "not deleted, or it is too late" in response.text


def test_there_is_a_way_there_from_the_connection(browser: Client, viewer: Client, acme: Tenant):
    text = browser.get(_url("connection", acme)).text

    assert _url("disconnect", acme) in text
    assert _url("delete", acme) in text
    assert _url("delete", acme) not in viewer.get(_url("connection", acme)).text


def test_the_run_that_emptied_a_tenant_says_of_what_and_is_not_repeated_by_a_click(
    browser: Client, acme: Tenant
):
    outcome = {"deleted": {"resource changes": 31}}
    run = Run.objects.create(
        tenant=acme, kind=RunKind.DISCONNECT, trigger="operator", state="succeeded", outcome=outcome
    )

    text = browser.get(reverse("dashboard:run", args=[run.pk])).text

    assert "Resource changes" in text
    assert "31" in text
    assert "Run again" not in text


STALE = {
    "run": {"kind": "sync"},
    "accept_removals": {"name": "Acme"},
    "link_renew": {},
    "rotation_on": {},
    "rotation_now": {},
}


@pytest.mark.parametrize("act", STALE)
def test_a_tab_from_before_a_deletion_asks_for_nothing(act: str, browser: Client, acme: Tenant):
    browser.post(_url("delete", acme), {"name": "Acme"})
    runs = Run.objects.count()

    response = browser.post(_url(act, acme), STALE[act], follow=True)

    acme.refresh_from_db()
    assert "This tenant is deleted. Restore it first." in response.text
    assert Run.objects.count() == runs
    assert not acme.rotates_itself
    assert not SetupLink.objects.filter(tenant=acme, revoked_at=None).exists()


def test_a_run_of_a_deleted_tenant_is_not_retried(browser: Client, acme: Tenant):
    run = Run.objects.create(tenant=acme, kind="sync", trigger="schedule", state="failed")
    browser.post(_url("delete", acme), {"name": "Acme"})

    one = browser.post(reverse("dashboard:run_retry", args=[run.pk]), follow=True)
    many = browser.post(f"{reverse('dashboard:runs_retry')}?state=failed", follow=True)

    assert "This tenant is deleted. Restore it first." in one.text
    assert "0 runs queued again" in many.text
    assert not Run.objects.filter(tenant=acme, state="queued").exists()


def test_the_question_says_when_a_tenant_is_forgotten(browser: Client, acme: Tenant, settings):
    settings.DELETION_GRACE_DAYS = 12

    assert "Delete this tenant, and forget it after 12 days?" in (
        browser.get(_url("delete", acme)).text
    )


@pytest.mark.parametrize("page", ["", "connection/"])
def test_a_deleted_tenant_offers_nothing_but_to_have_it_back(
    page: str, browser: Client, viewer: Client, acme: Tenant
):
    browser.post(_url("delete", acme), {"name": "Acme"})
    url = f"{reverse('dashboard:tenant', args=[acme.pk])}{page}"

    acts = re.findall(r'method="post" action="([^"]+)"', browser.get(url).text)

    assert acts == [reverse("account_logout"), _url("restore", acme)]
    assert _url("restore", acme) not in viewer.get(url).text


def test_who_has_left_is_not_said_to_be_expected(browser: Client, make_tenant):
    left = make_tenant("Gone Inc", state=TenantState.DISCONNECTED, host="")

    for url in (reverse("dashboard:fleet"), reverse("dashboard:tenant", args=[left.pk])):
        assert "not connected any more" in browser.get(url).text


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("queued", "are being deleted"),
        ("succeeded", "are deleted"),
        ("cancelled", "Not all of it is deleted"),
        ("errored", "Not all of it is deleted"),
    ],
)
def test_what_was_read_is_called_deleted_only_when_it_is(
    state: str, said: str, browser: Client, acme: Tenant
):
    browser.post(_url("disconnect", acme), {"name": "Acme"})
    run = Run.objects.get(tenant=acme, kind=RunKind.DISCONNECT)
    Run.objects.filter(pk=run.pk).update(state=state)

    page = browser.get(reverse("dashboard:tenant", args=[acme.pk])).text

    others = {"are being deleted", "are deleted", "Not all of it is deleted"} - {said}
    notice = page.partition("<h2>Disconnected</h2>")[2].partition("</div>")[0]
    assert said in notice
    assert not [words for words in others if words in notice]
    assert (reverse("dashboard:run", args=[run.pk]) in notice) == said.startswith("Not all")

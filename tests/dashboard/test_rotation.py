"""The switch for replacing a tenant's secret by ourselves, and doing it at once."""

import pytest
from django.test import Client
from django.urls import reverse

from tenants.connections.credentials import MANAGE_INTEGRATIONS
from tenants.models import AuditEvent, Credential, Rotation, Run, Tenant


@pytest.fixture
def granted(acme: Tenant) -> Tenant:
    Credential.objects.filter(tenant=acme).update(scopes_granted=MANAGE_INTEGRATIONS)
    return acme


def _url(name: str, tenant: Tenant) -> str:
    return reverse(f"dashboard:tenant_{name}", args=[tenant.pk])


def test_where_it_is_not_granted_the_page_says_so(browser: Client, acme: Tenant):
    page = browser.get(_url("connection", acme)).text
    refused = browser.post(_url("rotation_on", acme), follow=True).text

    assert "Not possible here" in page
    assert "Switch on" not in page
    assert "cannot replace its own secret" in refused


def test_it_is_switched_on_and_off(browser: Client, granted: Tenant):
    before = browser.get(_url("connection", granted)).text
    on = browser.post(_url("rotation_on", granted), follow=True).text
    granted.refresh_from_db()
    switched = granted.rotates_itself
    off = browser.post(_url("rotation_off", granted), follow=True).text

    granted.refresh_from_db()
    assert (switched, granted.rotates_itself) == (True, False)
    assert "Switch on" in before
    assert "Switch off" in on
    assert "Switched off." in off


def test_a_second_click_is_not_told_of_again(browser: Client, granted: Tenant):
    for name in ("rotation_on", "rotation_on", "rotation_off", "rotation_off"):
        browser.post(_url(name, granted))

    told = AuditEvent.objects.filter(tenant=granted, action__startswith="rotation.")
    assert sorted(told.values_list("action", flat=True)) == [
        "rotation.switched_off",
        "rotation.switched_on",
    ]


def test_it_is_done_at_once(browser: Client, granted: Tenant):
    response = browser.post(_url("rotation_now", granted), follow=True)

    run = Run.objects.get(tenant=granted, kind="rotate")
    assert response.redirect_chain[-1][0] == reverse("dashboard:run", args=[run.pk])
    assert "The secret is being replaced." in response.text


def test_while_it_is_under_way_the_page_says_how_far(browser: Client, granted: Tenant):
    Rotation.objects.create(
        tenant=granted, old=Credential.objects.get(tenant=granted), old_okta_id="ocs1"
    )

    text = browser.get(_url("connection", granted)).text

    assert "Being replaced: asked for." in text
    assert "Replace it now" not in text


def test_a_viewer_sees_it_without_buttons(viewer: Client, granted: Tenant):
    text = viewer.get(_url("connection", granted)).text

    assert "Replacing the secret by itself" in text
    assert "Switch on" not in text

"""Pausing, resuming and ending a connection from the customer's own pages."""

import pytest

from tenants.choices import RunKind, TenantState
from tenants.connections.control import tenant_pause
from tenants.connections.credentials import MANAGE_INTEGRATIONS
from tenants.models import AuditEvent, Credential, Job, Run, SealedSecret, User
from tenants.sandbox.org import Org
from tests.connections.test_reminders import make_old
from tests.onboarding.conftest import Visitor
from tests.service import Submit, work_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_home(admin: Visitor, acme: Org, submit: Submit) -> Visitor:
    """The admin of Acme, which is connected."""
    submit(acme, to=admin.tenant)
    work_all()
    admin.tenant.refresh_from_db()
    return admin


def test_a_customer_pauses_and_resumes(at_home: Visitor) -> None:
    paused = at_home.browser.post(at_home.url("pause"), follow=True)
    at_home.tenant.refresh_from_db()
    between = at_home.tenant.state
    resumed = at_home.browser.post(at_home.url("resume"), follow=True)

    at_home.tenant.refresh_from_db()
    assert (between, at_home.tenant.state) == (TenantState.PAUSED, TenantState.CONNECTED)
    assert "You have paused it" in paused.text
    assert "Resumed." in resumed.text
    assert AuditEvent.objects.get(action="tenant.paused").via == "setup link"


def test_a_customer_reads_how_often_their_own_org_is_read(at_home: Visitor) -> None:
    usual = at_home.get("connected").text
    Job.objects.filter(tenant=at_home.tenant, kind=RunKind.SYNC).update(own_every_s=6 * 3600)

    own = at_home.get("connected").text

    assert "read your org again every hour, and check its configuration every day" in usual
    assert "read your org again every 6 hours, and check its configuration every day" in own


def test_what_the_vendor_paused_the_vendor_resumes(at_home: Visitor, operator: User) -> None:
    tenant_pause(tenant=at_home.tenant, actor=operator)

    page = at_home.browser.get(at_home.url("connected")).text
    refused = at_home.browser.post(at_home.url("resume"), follow=True)

    at_home.tenant.refresh_from_db()
    assert at_home.tenant.state == TenantState.PAUSED
    assert "has paused it for your org" in page
    assert ">Resume<" not in page
    assert "not paused" in refused.text


@pytest.mark.parametrize("typed", ["", "acme", "globex.okta.com", "Acme", "\x00"])
def test_disconnecting_asks_for_the_orgs_domain(typed: str, at_home: Visitor) -> None:
    asked = at_home.get("disconnect")
    refused = at_home.post("disconnect", {"org": typed})

    at_home.tenant.refresh_from_db()
    assert "Disconnect acme.okta.com?" in asked.text
    assert refused.status_code == 422
    assert at_home.tenant.state == TenantState.CONNECTED


def test_a_customer_disconnects(at_home: Visitor) -> None:
    done = at_home.browser.post(at_home.url("disconnect"), {"org": " ACME.okta.com "}, follow=True)
    work_all()

    assert "Nothing is asked of your Okta org any more" in done.text
    assert not SealedSecret.objects.exists()
    assert list(Run.objects.values_list("kind", flat=True)) == [RunKind.DISCONNECT]
    event = AuditEvent.objects.get(action="tenant.disconnected")
    assert (event.actor, event.via) == (None, "setup link")


def test_afterwards_the_same_link_connects_again(
    at_home: Visitor, acme: Org, submit: Submit
) -> None:
    at_home.post("disconnect", {"org": "acme.okta.com"})
    early = at_home.post(
        "connect",
        {
            "okta_domain": acme.host,
            "client_id": acme.client_id,
            "client_secret": acme.client_secret,
        },
    )
    work_all()

    submit(acme, to=at_home.tenant)
    work_all()

    assert early.status_code == 409
    assert "still being taken away" in early.text
    assert "acme.okta.com is connected" in at_home.get("connected").text


def test_where_nothing_is_connected_there_is_nothing_to_end(admin: Visitor) -> None:
    response = admin.get("disconnect")

    assert response.status_code == 302
    assert response["Location"] == admin.url("welcome")


def test_the_age_of_the_secret_is_told(at_home: Visitor) -> None:
    make_old(at_home.tenant, days=61)

    text = at_home.get("connected").text

    assert "61 days ago" in text
    assert "Old secret" in text
    assert "when it is 60, 80, 90 days old" in text


def test_replacing_the_secret_by_ourselves_is_offered_where_it_was_granted(
    at_home: Visitor,
) -> None:
    not_granted = at_home.get("connected").text
    refused = at_home.browser.post(at_home.url("rotation_on"), follow=True)
    Credential.objects.update(scopes_granted=MANAGE_INTEGRATIONS)
    offered = at_home.get("connected").text
    on = at_home.browser.post(at_home.url("rotation_on"), follow=True)
    at_home.tenant.refresh_from_db()
    switched = at_home.tenant.rotates_itself
    off = at_home.browser.post(at_home.url("rotation_off"), follow=True)

    at_home.tenant.refresh_from_db()
    assert "Switch this on" not in not_granted
    assert "cannot replace its own secret" in refused.text
    assert "Switch this on" in offered
    assert "Switch this off" in on.text
    assert "Switch this on" in off.text
    assert (switched, at_home.tenant.rotates_itself) == (True, False)


def test_a_second_click_is_answered_in_the_customers_words(at_home: Visitor) -> None:
    at_home.browser.post(at_home.url("pause"))
    paused = at_home.browser.post(at_home.url("pause"), follow=True).text
    at_home.browser.post(at_home.url("resume"))
    resumed = at_home.browser.post(at_home.url("resume"), follow=True).text

    assert "it is paused already" in paused
    assert "Reading is not paused" in resumed
    for page in (paused, resumed):
        assert "tenant" not in page

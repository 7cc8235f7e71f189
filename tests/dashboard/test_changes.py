"""Changing an org from its inventory, and settling what only a human can tell."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants.choices import IntentState, RunKind, RunState
from tenants.models import AuditEvent, Credential, Intent, Resource, Run, Tenant, User
from tests.hostile import ANSWERS, VALUES

FORM = "application/x-www-form-urlencoded"
MANAGE = "okta.apps.manage okta.authorizationServers.manage"


@pytest.fixture
def changeable(acme: Tenant) -> Tenant:
    Credential.objects.filter(tenant=acme).update(scopes_granted=MANAGE)
    return acme


def _resource(tenant: Tenant, kind: str = "app") -> Resource:
    return Resource.objects.get(tenant=tenant, kind=kind)


def _page(resource: Resource) -> str:
    return reverse("dashboard:tenant_resource", args=[resource.tenant_id, resource.pk])


def _switch(resource: Resource, tenant: Tenant | None = None) -> str:
    return reverse("dashboard:tenant_switch", args=[(tenant or resource.tenant).pk, resource.pk])


def _confirmed(**different: Any) -> dict[str, Any]:
    return {"name": "Acme", "after": "INACTIVE", "once": str(uuid.uuid4()), **different}


@pytest.mark.parametrize(
    ("kind", "operation", "words"),
    [
        ("app", "deactivateApplication", "nobody gets into the app"),
        ("authorization_server", "deactivateAuthorizationServer", "it issues no tokens"),
    ],
)
def test_a_switch_says_what_will_happen_and_queues_it(
    kind: str, operation: str, words: str, browser: Client, changeable: Tenant, operator: User
) -> None:
    resource = _resource(changeable, kind)

    offered = browser.get(_page(resource))
    asked = browser.get(_switch(resource))
    done = browser.post(_switch(resource), _confirmed(), follow=True)

    intent = Intent.objects.get()
    assert "Deactivate in Okta…" in offered.text
    assert words in asked.text
    assert "Inactive" in asked.text
    assert (intent.operation, intent.state) == (operation, IntentState.PLANNED)
    assert intent.run.asked_by == operator
    assert done.redirect_chain == [(reverse("dashboard:run", args=[intent.run_id]), 302)]
    assert operation in done.text


def test_what_is_off_can_be_switched_on(browser: Client, changeable: Tenant) -> None:
    Resource.objects.filter(tenant=changeable, kind="app").update(status="INACTIVE")
    resource = _resource(changeable)

    asked = browser.get(_switch(resource))
    browser.post(_switch(resource), _confirmed(after="ACTIVE"))

    assert "Activate <bdi>" in asked.text
    assert Intent.objects.get().operation == "activateApplication"


@pytest.mark.parametrize("typed", ["", "acm", "\x00"])
def test_it_asks_for_the_tenants_name(typed: str, browser: Client, changeable: Tenant) -> None:
    refused = browser.post(_switch(_resource(changeable)), _confirmed(name=typed))

    assert refused.status_code == 422
    assert not Intent.objects.exists()


@pytest.mark.parametrize("once", ["", "x", "\x00"])
def test_a_form_that_is_not_ours_is_told_so(once: str, browser: Client, changeable: Tenant) -> None:
    refused = browser.post(_switch(_resource(changeable)), _confirmed(once=once))

    assert refused.status_code == 422
    assert "Load the page again" in refused.text


def test_a_double_click_is_one_run(browser: Client, changeable: Tenant) -> None:
    form = _confirmed()

    answers = [browser.post(_switch(_resource(changeable)), form) for _ in range(2)]

    assert answers[0]["Location"] == answers[1]["Location"]
    assert Run.objects.filter(kind=RunKind.APPLY).count() == 1


def test_what_has_changed_since_the_page_was_loaded_is_not_switched_back(
    browser: Client, changeable: Tenant
) -> None:
    Resource.objects.filter(tenant=changeable, kind="app").update(status="INACTIVE")

    answer = browser.post(_switch(_resource(changeable)), _confirmed(), follow=True)

    assert "Okta shows it as INACTIVE by now." in answer.text
    assert not Intent.objects.exists()


def test_without_the_scope_the_pages_say_why_not(browser: Client, acme: Tenant) -> None:
    resource = _resource(acme)

    offered, asked = browser.get(_page(resource)), browser.get(_switch(resource))
    refused = browser.post(_switch(resource), _confirmed(), follow=True)

    assert "Deactivate in Okta…" not in offered.text
    for answer in (offered, asked, refused):
        assert "does not hold okta.apps.manage" in answer.text
    assert not Intent.objects.exists()


def test_other_kinds_have_no_switch(browser: Client, changeable: Tenant) -> None:
    assert browser.get(_switch(_resource(changeable, "as_rule"))).status_code == 404


def test_another_tenants_resource_is_not_switched_from_here(
    browser: Client, changeable: Tenant, invited: Tenant
) -> None:
    assert browser.get(_switch(_resource(changeable), invited)).status_code == 404


def test_a_viewer_sees_no_switch(viewer: Client, changeable: Tenant) -> None:
    resource = _resource(changeable)

    assert "Deactivate in Okta" not in viewer.get(_page(resource)).text
    assert viewer.get(_switch(resource)).status_code == 403


@pytest.fixture
def unclear(changeable: Tenant) -> Intent:
    run = Run.objects.create(
        tenant=changeable,
        kind=RunKind.APPLY,
        trigger="operator",
        state=RunState.FAILED,
        error_code="change_unsettled",
        ended_at=timezone.now(),
    )
    Tenant.objects.filter(pk=changeable.pk).update(attention_code="change_unsettled")
    return Intent.objects.create(
        tenant=changeable,
        run=run,
        number=1,
        operation="deactivateApplication",
        path={"appId": "0oa1"},
        state=IntentState.NEEDS_ATTENTION,
        sent_count=3,
        sent_at=timezone.now(),
        settled_at=timezone.now(),
        evidence="Sent 3 times without an answer. <b>Okta</b> shows it as ACTIVE.",
    )


def _settle(intent: Intent, **form: Any) -> tuple[str, dict[str, Any]]:
    return reverse("dashboard:run_settle", args=[intent.run_id, intent.pk]), form


def test_a_run_lists_its_changes_with_how_we_know(
    browser: Client, viewer: Client, unclear: Intent
) -> None:
    url = reverse("dashboard:run", args=[unclear.run_id])

    page, watched = browser.get(url).text, viewer.get(url).text

    for words in ("deactivateApplication", "3 times", "&lt;b&gt;Okta&lt;/b&gt;", "Needs attention"):
        assert words in page
        assert words in watched
    assert "It was made" in page
    assert "what had been made may be made twice" in page
    assert "It was made" not in watched
    assert "Retry" not in page


def test_a_tenant_in_need_shows_where_to_look(browser: Client, unclear: Intent) -> None:
    page = browser.get(reverse("dashboard:tenant", args=[unclear.tenant_id])).text

    assert "Nobody can tell whether a change was made" in page
    assert reverse("dashboard:run", args=[unclear.run_id]) in page


@pytest.mark.parametrize(
    ("settlement", "state", "words"),
    [
        ("happened", IntentState.DONE, "Settled: it was made."),
        ("left", IntentState.DROPPED, "Settled: left as it is."),
        ("again", IntentState.DROPPED, "Queued once more"),
    ],
)
def test_an_operator_settles_it(
    settlement: str, state: str, words: str, browser: Client, unclear: Intent
) -> None:
    url, form = _settle(unclear, settlement=settlement)

    answer = browser.post(url, form, follow=True)

    unclear.refresh_from_db()
    assert words in answer.text
    assert unclear.state == state
    assert Tenant.objects.get(pk=unclear.tenant_id).attention_code == ""
    assert AuditEvent.objects.get(action="change.settled").detail["settlement"] == settlement


@pytest.mark.parametrize("settlement", ["", "purple", *VALUES.values()])
def test_nonsense_settles_nothing(settlement: str, browser: Client, unclear: Intent) -> None:
    url, _ = _settle(unclear)

    answer = browser.post(url, f"settlement={settlement}", content_type=FORM)

    unclear.refresh_from_db()
    assert answer.status_code in ANSWERS
    assert unclear.state == IntentState.NEEDS_ATTENTION


def test_what_is_settled_already_is_told_so(browser: Client, unclear: Intent) -> None:
    url, form = _settle(unclear, settlement="left")

    browser.post(url, form)
    again = browser.post(url, form, follow=True)

    assert "somebody has settled it" in again.text


def test_a_run_asks_for_nobody_once_its_changes_are_settled(
    browser: Client, unclear: Intent
) -> None:
    url, form = _settle(unclear, settlement="left")
    before = browser.get(reverse("dashboard:run", args=[unclear.run_id])).text

    after = browser.post(url, form, follow=True).text

    assert "Nobody can tell whether a change was made" in before
    assert "Nobody can tell whether a change was made" not in after
    assert "left it as it is" in after


def test_a_change_is_settled_in_its_own_run_alone(
    browser: Client, unclear: Intent, live_run: Run
) -> None:
    url = reverse("dashboard:run_settle", args=[live_run.pk, unclear.pk])

    assert browser.post(url, {"settlement": "left"}).status_code == 404

"""New tenants, and setup links that are shown once."""

import re
import uuid
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from tenants.connections.invitations import setup_link_open
from tenants.errors import LinkNotUsable
from tenants.models import SetupLink, Tenant, User
from tests.dashboard.conftest import BACKEND

NEW = "/tenants/new/"


def _answers(**different: str) -> dict[str, str]:
    asked = {"name": "Acme", "contact_email": "it@acme.example", "once": str(uuid.uuid4())}
    return asked | different


def _token(text: str) -> str:
    found = re.search(r'value="http://testserver/connect/enter/([\w-]+)/"', text)
    assert found
    return found[1]


def test_a_new_tenant_gets_a_working_link(browser: Client):
    response = browser.post(NEW, _answers())

    tenant = Tenant.objects.get()
    assert setup_link_open(_token(response.text)).tenant == tenant
    assert "it@acme.example" in response.text
    # "no-referrer" would make the browser send forms of this page with "Origin: null".
    assert response["Referrer-Policy"] == "same-origin"
    assert (
        f'data-then="{reverse("dashboard:tenant_connection", args=[tenant.pk])}"' in response.text
    )


def test_the_link_is_shown_once_and_kept_nowhere(browser: Client):
    token = _token(browser.post(NEW, _answers()).text)
    tenant = Tenant.objects.get()

    later = browser.get(reverse("dashboard:tenant_connection", args=[tenant.pk])).text

    kept = str([session.get_decoded() for session in Session.objects.all()])
    assert token not in later + kept + str(SetupLink.objects.values())


def test_sending_the_form_twice_makes_one_tenant(browser: Client, operator: User):
    answers = _answers()
    browser.post(NEW, answers)

    browser.session.flush()  # what made it is a fact of the database, not of this session
    browser.force_login(operator, backend=BACKEND)
    again = browser.post(NEW, answers, follow=True)

    assert Tenant.objects.count() == 1
    assert "This tenant exists already." in again.text


@pytest.mark.parametrize(
    "different",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\x00b"},
        {"contact_email": "nobody"},
        {"contact_email": ""},
        {"once": "nonsense"},
    ],
)
def test_what_does_not_fit_is_said_at_the_field(different: dict[str, str], browser: Client):
    response: Any = browser.post(NEW, _answers(**different))

    assert response.status_code == 422
    assert "errorlist" in response.text
    assert not Tenant.objects.exists()


def test_a_new_link_replaces_the_old_one(browser: Client, invited: Tenant):
    first = _token(browser.post(reverse("dashboard:tenant_link_renew", args=[invited.pk])).text)

    second = _token(browser.post(reverse("dashboard:tenant_link_renew", args=[invited.pk])).text)

    assert setup_link_open(second).tenant == invited
    with pytest.raises(LinkNotUsable):
        setup_link_open(first)


def test_the_e_mail_is_ready_to_be_sent(browser: Client):
    text = browser.post(NEW, _answers(contact_email="it+okta@acme.example")).text

    assert 'href="mailto:it%2Bokta%40acme.example?subject=Connect' in text

"""What is said before anything is asked."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tenants.connections.explanations import explain
from tenants.onboarding.explained import OURS
from tenants.onboarding.views.entry import TROUBLES
from tests.onboarding.values import pasted


def test_the_welcome_page_gives_every_scope_with_its_reason(admin, settings):
    page = admin.get("welcome")

    for scope, reason in settings.OKTA_SCOPES.items():
        assert scope in page.text
        assert reason in page.text
    assert settings.SUPPORT_EMAIL in page.text


def test_the_steps_in_okta_name_the_field_that_each_value_fills(admin):
    page = admin.get("instructions").text

    for name in ("Okta domain", "Client ID", "Client secret"):
        assert f"<span>{name}</span>" in page
    assert "API Service Integrations" in page


@pytest.mark.parametrize("code", sorted({*TROUBLES, *OURS}))
def test_every_code_the_pages_speak_of_has_its_own_words(code):
    assert explain(code).code == code


def test_names_are_text_and_never_markup(invite):
    acme = invite("<script>alert(1)</script> مرحبا")
    acme.enter()

    page = acme.get("welcome").text

    assert "<script>alert" not in page
    assert "مرحبا" in page


def test_coming_back_while_a_proof_runs_leads_to_it(admin):
    admin.post("connect", pasted())

    assert admin.url("proof") in admin.get("welcome").text


@pytest.mark.parametrize(
    ("state", "code", "sentence"),
    [
        pytest.param("connected", "", "acme.okta.com is connected", id="connected"),
        pytest.param("attention", "integration_revoked", "What was read before is kept", id="lost"),
        pytest.param("connected", "shrink_held", "acme.okta.com is connected", id="ours"),
        pytest.param("paused", "", "Reading is paused", id="paused"),
    ],
)
def test_coming_back_later_shows_how_things_stand(state, code, sentence, admin):
    admin.tenant.state, admin.tenant.attention_code = state, code
    admin.tenant.host, admin.tenant.connected_at = "acme.okta.com", timezone.now()
    admin.tenant.save()

    page = admin.get("welcome").text

    assert sentence in page
    assert "Replace the secret" in page


def test_the_guide_is_public_and_covers_what_reviewers_look_for(client, db):
    page = client.get(reverse("onboarding:guide")).text

    for heading in (
        "Prerequisites",
        "Supported features",
        "Configuration steps",
        "Replace the secret",
        "Troubleshoot",
    ):
        assert heading in page
    assert "okta.apps.read" in page


def test_every_page_keeps_to_the_content_policy(admin):
    for page in ("welcome", "instructions", "connect"):
        response = admin.get(page)

        assert "style=" not in response.text
        assert "hx-on" not in response.text
        assert " onclick=" not in response.text
        assert "'nonce-" in response.headers["Content-Security-Policy"]

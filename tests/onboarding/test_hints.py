"""While a field is filled in, the page says what it makes of it."""

import pytest

from tenants.onboarding.hints import Hint, hint_for
from tests.onboarding.values import CLIENT_ID, SECRET


def test_a_plain_domain_is_understood_without_further_words():
    assert hint_for("okta_domain", "https://Acme.okta.com/") == Hint("acme.okta.com")


def test_an_admin_console_address_is_understood_with_a_note():
    hint = hint_for("okta_domain", "acme-admin.okta.com")

    assert hint.understood == "acme.okta.com"
    assert "Admin Console" in hint.note


def test_a_domain_that_is_not_understood_says_why():
    hint = hint_for("okta_domain", "acme.example.com")

    assert hint.understood == ""
    assert hint.note


def test_a_usual_client_id_needs_no_words():
    assert hint_for("client_id", f" {CLIENT_ID} ") == Hint()


@pytest.mark.parametrize(
    ("client_id", "sentence"),
    [
        pytest.param("custom_client_1", "go on", id="unusual but allowed"),
        pytest.param("ada@example.com", "e-mail", id="refused by the form"),
        pytest.param(SECRET, "looks like the client secret", id="wrong field"),
    ],
)
def test_an_unusual_client_id_gets_a_word(client_id, sentence):
    hint = hint_for("client_id", client_id)

    assert sentence in hint.note
    assert SECRET not in hint.note


@pytest.mark.parametrize("field", ["okta_domain", "client_id", "client_secret", ""])
def test_blank_text_gets_no_hint(field):
    assert hint_for(field, "  ") == Hint()

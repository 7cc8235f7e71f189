"""The form understands what people paste, and says at the field what it cannot use."""

import pytest

from tenants.onboarding.forms import ConnectForm
from tenants.vault.secret import Secret
from tests.onboarding.values import CLIENT_ID, SECRET, pasted


def errors_of(**changed):
    return ConnectForm(pasted(**changed)).errors


@pytest.mark.parametrize(
    "domain",
    [
        "acme.okta.com",
        "https://acme.okta.com/",
        " https://ACME.okta.com/oauth2/v1/token\n",
        "acme-admin.okta.com",
        "https://acme-admin.okta.com/admin/dashboard",
    ],
)
def test_any_address_of_an_org_becomes_its_host(domain):
    form = ConnectForm(pasted(okta_domain=domain))

    assert form.is_valid(), form.errors
    assert form.cleaned_data["okta_domain"] == "acme.okta.com"


@pytest.mark.parametrize("domain", ["", "acme", "10.0.0.1", "acme.example.com", "me@acme.com"])
def test_other_addresses_are_refused_at_the_field(domain):
    errors = errors_of(okta_domain=domain)

    assert list(errors) == ["okta_domain"]


def test_blanks_around_the_pasted_values_do_not_matter():
    form = ConnectForm(pasted(client_id=f"\n {CLIENT_ID} ", client_secret=f" {SECRET}\n"))

    assert form.is_valid(), form.errors
    assert form.cleaned_data["client_id"] == CLIENT_ID
    assert form.cleaned_data["client_secret"] == Secret(SECRET)


@pytest.mark.parametrize(
    ("client_id", "sentence"),
    [
        pytest.param("https://acme.okta.com", "web address", id="url"),
        pytest.param("acme.okta.com", "web address", id="domain"),
        pytest.param("ada@example.com", "e-mail address", id="e-mail"),
        pytest.param("0oa1 2345", "without blanks", id="blank inside"),
        pytest.param("0oa", "6 to 100", id="short"),
        pytest.param("0oa" + "x" * 98, "6 to 100", id="long"),
        pytest.param("ALL_CLIENTS", "General tab", id="Okta's word for all"),
        pytest.param("0oa\u202e1234567", "General tab", id="direction mark"),
    ],
)
def test_what_is_no_client_id_is_named(client_id, sentence):
    errors = errors_of(client_id=client_id)

    assert sentence in errors["client_id"][0]
    assert list(errors) == ["client_id"]


def test_a_secret_in_the_client_id_field_is_refused_and_not_shown_again():
    form = ConnectForm(pasted(client_id=SECRET))

    assert "looks like the client secret" in form.errors["client_id"][0]
    assert SECRET not in form.as_div()


@pytest.mark.parametrize(
    ("secret", "sentence"),
    [
        pytest.param("", "Paste the client secret", id="empty"),
        pytest.param("x" * 13, "this one has 13", id="short"),
        pytest.param("x" * 256, "this one has 256", id="long"),
        pytest.param("x" * 20 + "é", "does not use", id="not ASCII"),
        pytest.param("x" * 20 + "\x07", "does not use", id="control character"),
        pytest.param(CLIENT_ID, "client ID", id="the client ID"),
    ],
)
def test_what_is_no_secret_is_named_without_showing_it(secret, sentence):
    form = ConnectForm(pasted(client_secret=secret))

    assert sentence in form.errors["client_secret"][0]
    assert list(form.errors) == ["client_secret"]
    assert not secret or secret not in form.errors["client_secret"][0]


@pytest.mark.parametrize("length", [14, 40, 255])
def test_secrets_of_every_length_that_okta_takes_are_taken(length):
    assert not errors_of(client_secret="~" * length)


def test_the_secret_is_never_written_back_into_the_page():
    form = ConnectForm(pasted(okta_domain="nonsense"))

    assert SECRET not in form.as_div()
    assert SECRET not in repr(form.cleaned_data)
    assert "nonsense" in form.as_div()

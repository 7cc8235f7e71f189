"""Sign-in is for operators; there is no other way in and no way to sign up."""

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tenants.models import User

LOGIN = "/accounts/login/"
PASSWORD = "a long enough password"

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> User:
    return User.objects.create_user("op@example.com", PASSWORD, operator_role="operator")


def _sign_in(browser: Client, email: str, password: str, after: str = ""):
    return browser.post(LOGIN + after, {"login": email, "password": password})


def test_an_operator_signs_in_and_gets_where_they_wanted(operator: User):
    browser = Client()
    asked = browser.get("/runs/?state=failed")

    response = _sign_in(browser, "OP@example.com", PASSWORD, "?" + asked["Location"].split("?")[1])

    assert response["Location"] == "/runs/?state=failed"
    assert browser.get("/").status_code == 200


def test_signing_in_never_leads_to_another_site(operator: User):
    response = _sign_in(Client(), "op@example.com", PASSWORD, "?next=https://elsewhere.example/")

    assert response["Location"] == "/"


@pytest.mark.parametrize("email", ["op@example.com", "nobody@example.com"])
def test_a_refusal_tells_nothing_about_the_account(email: str, operator: User):
    response = _sign_in(Client(), email, "wrong")

    assert response.status_code == 200
    assert "The email address and/or password you specified are not correct." in response.text
    assert "wrong" not in response.text.replace("field-wrong", "")


def test_guessing_is_slowed_down(operator: User):
    browser = Client()
    for _ in range(5):
        _sign_in(browser, "op@example.com", "wrong")

    response = _sign_in(browser, "op@example.com", PASSWORD)

    assert "Too many failed login attempts" in response.text


def test_guessing_with_ever_new_names_is_slowed_down_too(operator: User):
    browser = Client()
    for number in range(40):
        response = _sign_in(browser, f"op{number}@example.com", "wrong")

    assert response.status_code == 429
    assert "Too many attempts" in response.text
    assert response["X-Request-Id"] in response.text


def test_an_account_that_was_switched_off_lets_nobody_in(operator: User):
    User.objects.update(is_active=False)
    browser = Client()

    response = browser.post(LOGIN, {"login": operator.email, "password": PASSWORD}, follow=True)

    assert "This account is switched off." in response.text
    assert browser.get("/").status_code == 302


def test_signing_out_takes_a_click(operator: User):
    browser = Client()
    _sign_in(browser, "op@example.com", PASSWORD)

    asked = browser.get("/accounts/logout/")
    signed_in = browser.get("/").status_code
    browser.post("/accounts/logout/")

    assert "Sign out?" in asked.text
    assert signed_in == 200
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize("name", ["account_signup", "account_reset_password", "account_email"])
def test_nobody_signs_up_and_nothing_else_of_the_library_is_open(name: str):
    with pytest.raises(NoReverseMatch):
        reverse(name)

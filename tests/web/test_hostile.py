"""Requests that no browser of ours would send: refused or ignored, never an error of ours."""

from urllib.parse import urlencode

import pytest
from django.db import InternalError, OperationalError
from django.test import Client

from tenants.dashboard.views import fleet
from tenants.models import User
from tenants.vault.errors import KeyringError
from tests.hostile import ANSWERS, ODD, VALUES, filled

FORM = "application/x-www-form-urlencoded"
LOGIN = "/accounts/login/"
PASSWORD = "a long enough password"
OPEN_PAGES = [
    LOGIN,
    "/",
    "/connect/guide/",
    "/connect/enter/x/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/no/",
]
QUERIES = {name: filled({"login", "password", "next"}, value) for name, value in VALUES.items()}
ELSEWHERE = [
    *("//e.example", r"/\e.example", "https:e.example", "\x08//e.example", "http:///e.example"),
    *("javascript:alert(1)", "///e.example", "\t//e.example", "https://testserver.e.example/"),
]

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> User:
    return User.objects.create_user("op@example.com", PASSWORD, operator_role="operator")


@pytest.mark.parametrize("page", OPEN_PAGES)
@pytest.mark.parametrize("cookie", [r'"\000aaaaaaaaaa"', r'"abcdefgh\000"', "é" * 9, "x" * 5000])
def test_no_cookie_breaks_a_page(cookie: str, page: str):
    cookies = f"session={cookie}; csrftoken={cookie}; messages={cookie}; ; =;x"

    response = Client().get(page, headers={"Cookie": cookies})

    assert response.status_code in ANSWERS


@pytest.mark.parametrize("sent", QUERIES | ODD)
def test_nothing_typed_breaks_signing_in(sent: str):
    text = (QUERIES | ODD)[sent]

    response = Client().post(f"{LOGIN}?{text}", text, content_type=FORM)

    assert response.status_code in ANSWERS
    assert "<script>alert" not in response.text


@pytest.mark.parametrize("place", ELSEWHERE)
def test_neither_signing_in_nor_out_leads_to_another_site(place: str, operator: User):
    browser = Client()
    asked = {"login": "op@example.com", "password": PASSWORD, "next": place}

    ways = [
        browser.post(f"{LOGIN}?{urlencode({'next': place})}", asked),
        browser.get(LOGIN, {"next": place}),
        browser.post("/accounts/logout/", {"next": place}),
    ]

    assert [way["Location"] for way in ways] == ["/", "/", LOGIN]


@pytest.mark.parametrize("page", OPEN_PAGES)
def test_another_host_name_is_answered_with_nothing_of_ours(page: str):
    response = Client().get(page, headers={"Host": "e.example"})

    assert response.status_code == 400
    assert "e.example" not in response.text


@pytest.mark.parametrize("size", [3_000_000, 10_000_000])
@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=b", "application/json"])
def test_a_huge_body_is_refused(kind: str, size: int):
    body = b'--b\r\nContent-Disposition: form-data; name="login"\r\n\r\n' + b"x" * size

    response = Client().post(LOGIN, body, content_type=kind)

    assert response.status_code in {200, 400}
    assert len(response.content) < 20_000


def test_a_form_without_its_token_gets_a_page_that_says_what_to_do():
    response = Client(enforce_csrf_checks=True).post(LOGIN, {"login": "a", "password": "b"})

    assert response.status_code == 403
    assert "This form has gone stale" in response.text


def test_signing_in_ends_a_session_that_was_planted(operator: User):
    browser = Client()
    session = browser.session
    session["planted"] = True
    session.save()
    browser.cookies["session"] = planted = session.session_key

    browser.post(LOGIN, {"login": "op@example.com", "password": PASSWORD})

    assert browser.session.session_key != planted
    assert not type(session)().exists(planted)


@pytest.mark.parametrize(
    "error",
    [OperationalError, InternalError, KeyringError],
    ids=["away", "read-only", "no keys"],
)
def test_what_is_away_for_a_moment_is_no_mistake_of_ours(error, operator: User, monkeypatch):
    def away() -> None:
        raise error("connection refused")

    browser = Client(raise_request_exception=False)
    browser.post(LOGIN, {"login": "op@example.com", "password": PASSWORD})
    monkeypatch.setattr(fleet, "fleet_tiles", away)

    response = browser.get("/")

    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert "connection refused" not in response.text


@pytest.mark.parametrize("page", ["/healthz", "/readyz"])
def test_a_probe_may_ask_for_the_head_only(page: str):
    assert Client().head(page).status_code == 200

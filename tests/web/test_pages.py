"""What holds for every page: where it may be reached, what it may load, how errors look."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from tenants.web.error_pages import bad_request, forbidden, not_found, server_error

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
#: Routes whose door is not the dashboard's policy: sign-in, probes, and setup links.
OTHER_DOORS = re.compile(r"healthz|readyz|metrics|account_log(in|out)|onboarding:\w+")

NOT_ALLOWED = {
    "an inline style": re.compile(r"\sstyle\s*="),
    "an inline handler": re.compile(r"\s(on\w+|hx-on[:\w-]*)\s*="),
    "a script without nonce": re.compile(r"<script(?![^>]*nonce=)", re.DOTALL),
    "an inline stylesheet": re.compile(r"<style"),
    "text that is not escaped": re.compile(r"\|\s*safe\b|autoescape\s+off"),
    "something from another host": re.compile(r'(src|href|action)="(https?:)?//'),
}


def _routes(
    patterns: list[URLPattern | URLResolver], space: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else space
            yield from _routes(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name}", pattern


def test_every_route_has_a_door():
    routes = dict(_routes(get_resolver().url_patterns))

    open_to_all = [
        name
        for name, route in routes.items()
        if not hasattr(route.callback, "policy") and not OTHER_DOORS.fullmatch(name)
    ]

    assert len(routes) > 30
    assert open_to_all == []


@pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR))
)
def test_templates_hold_nothing_that_the_content_policy_refuses(template: Path):
    text = template.read_text()

    assert [what for what, pattern in NOT_ALLOWED.items() if pattern.search(text)] == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", "/connect/guide/", "/nowhere/"])
def test_every_page_carries_its_policies(path: str):
    response = Client().get(path)

    policy = response["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce
    assert f'nonce="{nonce[1]}"' in response.text
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert response["Cache-Control"].count("no-store") == 1
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("page", "status"),
    [(bad_request, 400), (forbidden, 403), (not_found, 404), (server_error, 500)],
)
def test_error_pages_need_no_database_and_give_an_id_to_quote(page, status: int):
    request = RequestFactory().get("/")
    request.request_id = "0123456789abcdef"

    response = page(request)

    assert response.status_code == status
    assert "0123456789abcdef" in response.text


def test_the_page_for_our_own_mistakes_needs_no_context():
    assert "Something broke on our side" in render_to_string("errors/500.html")


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "way_on"), [("/no/", 'href="/"'), ("/connect/no/", "e-mail")])
def test_an_error_page_leads_back_to_where_its_reader_came_from(path: str, way_on: str):
    page = Client().get(path).text

    assert [way for way in ('href="/"', "e-mail") if way in page] == [way_on]


@pytest.mark.django_db
def test_a_missing_page_quotes_the_id_of_the_log():
    response = Client().get("/nowhere/")

    assert response.status_code == 404
    assert response["X-Request-Id"] in response.text

"""Who gets which page. Every route of the dashboard is asked, also those still to come."""

import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from tenants.dashboard import urls
from tenants.dashboard.access import Policy
from tenants.models import Intent, Resource, Run, Tenant
from tests.dashboard.conftest import BACKEND

NOBODY_KNOWS = uuid.UUID(int=0)


def _routes(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns)
        else:
            yield pattern


ROUTES = {str(route.name): route for route in _routes(urls.urlpatterns)}
ACTS = sorted(n for n, route in ROUTES.items() if getattr(route.callback, "policy", "") == "act")
OF_TENANT = sorted(n for n in ROUTES if n == "tenant" or n.startswith("tenant_"))
OF_TENANT.remove("tenant_new")
OF_RUN = sorted(n for n in ROUTES if n == "run" or n.startswith("run_"))


def _url(name: str, tenant: Tenant | None = None) -> str:
    intent = Intent.objects.filter(tenant=tenant).first()
    runs = Run.objects.filter(tenant=tenant)
    if name == "run_settle" and intent:
        runs = runs.filter(intents=intent)
    known = {
        "tenant_id": tenant.pk if tenant else NOBODY_KNOWS,
        "run_id": runs.values_list("pk", flat=True).first(),
        "intent_id": intent.pk if intent else None,
        "resource_id": Resource.objects.filter(tenant=tenant).values_list("pk", flat=True).first(),
    }
    wanted = set(ROUTES[name].pattern.converters)
    wanted |= {"tenant_id"} if name in OF_TENANT else set()
    return reverse(f"dashboard:{name}", kwargs={key: known[key] or NOBODY_KNOWS for key in wanted})


def test_the_scan_finds_the_pages():
    assert {"fleet", "tenant", "tenant_resource", "run", "run_retry"} <= set(ROUTES)
    assert len(ROUTES) >= 20


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_every_route_declares_its_policy(name: str):
    assert getattr(ROUTES[name].callback, "policy", None) in set(Policy)


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_without_sign_in_a_page_only_leads_to_it(name: str, acme: Tenant):
    for ask in (Client().get, Client().post):
        response = ask(_url(name, acme))

        assert response.status_code == 302
        assert response["Location"].startswith(reverse("account_login"))
        assert not response.content


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_customers_user_finds_nothing(name: str, acme: Tenant, customer: Client):
    for ask in (customer.get, customer.post):
        response = ask(_url(name, acme))

        assert response.status_code == 404
        assert "Acme" not in response.text


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_an_operator_who_was_switched_off_finds_nothing(name: str, acme: Tenant, operator, browser):
    operator.is_active = False
    operator.save()

    response = browser.get(_url(name, acme))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ACTS)
def test_a_viewer_may_not_act(name: str, acme: Tenant, viewer: Client):
    response = viewer.post(_url(name, acme))

    assert response.status_code == 403
    assert "You may not do this" in response.text


@pytest.mark.parametrize("name", ["tenant", "tenant_connection", "fleet", "run"])
def test_a_viewer_sees_pages_without_buttons_to_act(name: str, acme: Tenant, viewer: Client):
    response = viewer.get(_url(name, acme))

    assert response.status_code == 200
    assert response.text.count('method="post"') == 1  # signing out
    assert "New tenant" not in response.text


@pytest.mark.parametrize("name", sorted(OF_TENANT + OF_RUN))
def test_ids_that_nobody_knows_are_not_found(name: str, browser: Client):
    for ask in (browser.get, browser.post):
        assert ask(_url(name)).status_code in {404, 405}


@pytest.mark.parametrize("name", sorted(set(ROUTES) - set(ACTS)))
def test_reading_pages_take_no_post(name: str, acme: Tenant, browser: Client):
    assert browser.post(_url(name, acme)).status_code == 405


@pytest.mark.parametrize("name", ACTS)
def test_acts_need_the_forms_token(name: str, acme: Tenant, operator):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(operator, backend=BACKEND)

    assert browser.post(_url(name, acme)).status_code == 403


def test_another_tenants_resource_is_not_found_here(acme: Tenant, invited: Tenant, browser: Client):
    resource = Resource.objects.for_tenant(acme).first()
    url = reverse("dashboard:tenant_resource", args=[invited.pk, resource.pk])

    assert browser.get(url).status_code == 404


def test_a_part_of_a_page_reloads_the_page_when_the_session_is_over(live_run: Run):
    url = reverse("dashboard:run_live", args=[live_run.pk])

    response = Client().get(url, headers={"HX-Request": "true"})

    assert response["HX-Refresh"] == "true"
    assert not response.content


def test_an_act_that_met_no_session_says_that_nothing_was_done(acme: Tenant):
    browser = Client()

    to_sign_in = browser.post(_url("tenant_pause", acme), follow=True)

    acme.refresh_from_db()
    assert "You were signed out, so nothing was changed." in to_sign_in.text
    assert acme.state == "connected"
    assert "signed out" not in Client().get(_url("tenant", acme), follow=True).text

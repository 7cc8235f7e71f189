"""Only who came by the link sees its pages. Everybody else gets one and the same page."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants.connections.invitations import setup_link_renew, setup_link_revoke
from tenants.models import SetupLink
from tenants.onboarding import urls
from tenants.onboarding.access import HELD, HELD_MAX
from tests.onboarding.values import pasted

OPEN_TO_ALL = {"guide", "enter"}
PAGES = sorted(pattern.name for pattern in urls.urlpatterns if pattern.name not in OPEN_TO_ALL)
POST_ONLY = {"check", "pause", "resume", "rotation_off", "rotation_on"}


def ask(browser: Client, page: str, link: SetupLink):
    url = reverse(f"onboarding:{page}", args=[link.pk])
    return browser.post(url, pasted()) if page in POST_ONLY else browser.get(url)


def assert_nothing_shown(response, tenant):
    assert response.status_code == 404
    assert tenant.name not in response.text
    assert "does not open anything" in response.text


def test_the_scan_of_pages_finds_them():
    assert {"welcome", "connect", "check", "proof", "connected"} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_without_the_link_there_is_nothing(page, invite):
    acme = invite()

    assert_nothing_shown(ask(acme.browser, page, acme.link), acme.tenant)


@pytest.mark.parametrize("page", PAGES)
def test_another_tenants_link_opens_nothing(page, invite):
    acme, globex = invite(), invite("Globex")
    globex.enter()

    assert_nothing_shown(ask(globex.browser, page, acme.link), acme.tenant)


@pytest.mark.parametrize("page", PAGES)
def test_a_signed_in_operator_needs_the_link_like_anybody(page, admin, operator):
    browser = Client()
    browser.force_login(operator, backend="allauth.account.auth_backends.AuthenticationBackend")

    assert_nothing_shown(ask(browser, page, admin.link), admin.tenant)


@pytest.mark.parametrize("page", PAGES)
def test_a_revoked_link_closes_pages_that_are_open(page, admin, operator):
    setup_link_revoke(tenant=admin.tenant, actor=operator)

    assert_nothing_shown(ask(admin.browser, page, admin.link), admin.tenant)


@pytest.mark.parametrize("page", PAGES)
def test_an_expired_link_closes_pages_that_are_open(page, admin):
    SetupLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert_nothing_shown(ask(admin.browser, page, admin.link), admin.tenant)


def test_opening_the_link_leads_to_the_welcome_page_and_keeps_the_token_out_of_it(invite):
    acme = invite()

    response = acme.enter()

    assert response.headers["Location"] == acme.url("welcome")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert acme.token not in acme.get("welcome").text
    assert acme.token not in str(dict(acme.browser.session))


def test_opening_the_link_again_and_again_is_fine(admin):
    admin.enter()
    admin.enter()

    assert admin.get("welcome").status_code == 200
    assert admin.browser.session[HELD] == [str(admin.link.pk)]


@pytest.mark.parametrize("token", ["x", "a" * 2000, "%3Cscript%3E", "%00", "..%2F", "é"])
def test_what_is_no_token_gets_the_same_page(token, client, db):
    response = client.get(f"/connect/enter/{token}/")

    assert response.status_code == 404
    assert "<script>" not in response.text


@pytest.mark.parametrize("ending", ["expired", "revoked", "renewed"])
def test_a_link_that_ended_gets_the_same_page_as_one_that_never_was(ending, invite, operator):
    acme = invite()
    if ending == "expired":
        SetupLink.objects.update(expires_at=timezone.now())
    elif ending == "revoked":
        setup_link_revoke(tenant=acme.tenant, actor=operator)
    else:
        setup_link_renew(tenant=acme.tenant, actor=operator)

    ended = acme.enter()
    never = acme.browser.get("/connect/enter/never/")

    assert ended.status_code == never.status_code == 404
    assert without_nonces(ended) == without_nonces(never)


def without_nonces(response) -> str:
    lines = response.text.splitlines()
    return "\n".join(line for line in lines if "nonce=" not in line and "CSRFToken" not in line)


def test_one_browser_may_look_after_two_tenants_without_mixing_them(invite):
    acme = invite()
    globex = invite("Globex", browser=acme.browser)
    acme.enter()
    globex.enter()

    assert "Acme" in acme.get("welcome").text
    assert "Globex" not in acme.get("welcome").text
    assert "Globex" in globex.get("welcome").text


def test_a_session_planted_before_does_not_come_to_hold_the_link(invite):
    acme = invite()
    acme.browser.get("/connect/guide/")
    session = acme.browser.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    acme.browser.cookies["session"] = planted

    acme.enter()

    assert acme.browser.session.session_key != planted


def test_a_session_holds_no_endless_list_of_links(invite):
    acme = invite()
    session = acme.browser.session
    session[HELD] = [str(number) for number in range(HELD_MAX)]
    session.save()
    acme.browser.cookies["session"] = session.session_key

    acme.enter()

    assert len(acme.browser.session[HELD]) == HELD_MAX
    assert acme.get("welcome").status_code == 200


def test_a_page_that_renews_itself_is_told_to_load_again_when_its_link_ends(admin, operator):
    setup_link_revoke(tenant=admin.tenant, actor=operator)

    response = admin.get("proof_live", **{"HX-Request": "true"})

    assert response.headers["HX-Refresh"] == "true"
    assert admin.tenant.name not in response.text


@pytest.mark.parametrize("page", PAGES)
def test_no_page_is_kept_in_a_cache(page, admin):
    response = ask(admin.browser, page, admin.link)

    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("page", [page for page in PAGES if page not in POST_ONLY])
@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_no_row(method, page, admin):
    before = rows()

    getattr(admin.browser, method)(admin.url(page))

    assert rows() == before


def rows():
    ours = apps.get_app_config("tenants").get_models()
    return {model.__name__: list(model.objects.values()) for model in ours}

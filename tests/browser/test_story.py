"""The story in a real browser, against real processes. Runs with ``make browser``."""

import pytest

from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser


def _fill_in_by_keyboard(visitor: Visitor, secret: str) -> None:
    page, org = visitor.page, visitor.org
    page.focus("input[name=okta_domain]")
    for text in (org["host"].replace(".", "-admin.", 1), org["client_id"], secret):
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.focus("input[name=client_secret]")
    page.keyboard.press("Enter")


def test_an_admin_is_refused_corrects_the_secret_and_is_connected(visitor: Visitor) -> None:
    page = visitor.page
    page.goto(visitor.link)
    here = page.url
    page.goto(f"{here}connect/")

    _fill_in_by_keyboard(visitor, "wrong-" * 7)
    page.wait_for_selector("text=did not accept", timeout=20_000)
    page.click("text=Correct and send again")
    kept = page.input_value("input[name=client_id]"), page.input_value("input[name=client_secret]")
    _fill_in_by_keyboard(visitor, visitor.org["client_secret"])

    page.wait_for_url("**/connected/", timeout=20_000)
    page.wait_for_selector("text=Succeeded", timeout=20_000)
    assert kept == (visitor.org["client_id"], "")
    assert visitor.org["host"] in page.inner_text("h1")
    assert visitor.complaints == []


def test_the_domain_is_understood_while_it_is_typed(visitor: Visitor) -> None:
    page = visitor.page
    page.goto(visitor.link)
    page.goto(f"{page.url}connect/")

    page.focus("input[name=okta_domain]")
    page.keyboard.type("https://umbrella-admin.okta.com/admin/dashboard")

    page.wait_for_selector("text=We understand", timeout=5_000)
    assert "umbrella.okta.com" in page.inner_text("form")


def test_an_operator_runs_a_sync_and_watches_it_end(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in()
    page.get_by_role("link", name="Globex").first.click()

    page.get_by_role("button", name="Sync now").click()
    page.wait_for_selector("text=Succeeded", timeout=20_000)

    assert "/runs/" in page.url or "/tenants/" in page.url
    assert visitor.complaints == []


def test_the_fleet_is_searched_as_one_types_and_the_address_keeps_it(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in()

    page.fill("input[type=search]", "init")
    page.wait_for_function("() => !document.querySelector('main').innerText.includes('Globex')")

    assert "Initech" in page.inner_text("main")
    page.reload()
    assert "Globex" not in page.inner_text("main table")


def test_the_page_that_shows_a_link_once_can_be_left_by_signing_out(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in()
    page.goto(f"{visitor.url}/tenants/new/")
    page.fill("input[name=name]", "Hooli")
    page.fill("input[name=contact_email]", "it@hooli.example")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=shown only this once")

    page.click("text=Sign out")

    page.wait_for_selector("input[name=login]")
    assert visitor.complaints == []


def test_a_wide_screen_at_200_percent_shows_every_column(visitor: Visitor) -> None:
    page = visitor.page
    page.set_viewport_size({"width": 640, "height": 450})
    visitor.sign_in()

    hidden = page.evaluate(
        "[...document.querySelectorAll('.table-card')].filter(e => e.scrollWidth > e.clientWidth)"
    )

    assert hidden == []


def test_nothing_is_wider_than_the_screen(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in()
    page.get_by_role("link", name="Initech").first.click()
    tenant = page.url

    for path in ("", "inventory/", "changes/", "findings/", "runs/", "connection/", "activity/"):
        page.goto(f"{tenant}{path}")
        too_wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert too_wide <= 0, path
    assert visitor.complaints == []


def test_a_customer_sees_every_column_of_what_was_asked_for(visitor: Visitor) -> None:
    page = visitor.page
    page.goto(visitor.link)
    here = page.url
    page.goto(f"{here}connect/")
    _fill_in_by_keyboard(visitor, visitor.org["client_secret"])
    page.wait_for_url("**/connected/", timeout=20_000)

    page.goto(f"{here}asked/")

    card = page.locator(".table-card")
    assert card.evaluate("card => card.scrollWidth - card.clientWidth") <= 0
    assert visitor.complaints == []


def test_a_dead_link_says_what_to_do(visitor: Visitor) -> None:
    page = visitor.page

    answer = page.goto(f"{visitor.url}/connect/enter/no-such-token/")

    assert answer is not None
    assert answer.status == 404
    assert "new link" in page.inner_text("main").lower()

"""Pages by cursor: nothing twice, nothing left out, and no cursor breaks a page."""

import pytest
from django.http import QueryDict

from tenants.dashboard.paging import Page, keyset_page
from tenants.models import Tenant, TenantSummary

ORDERS = [
    pytest.param(("name", "id"), id="name"),
    pytest.param(("-name", "id"), id="name-descending"),
    pytest.param(("-created_at", "-id"), id="newest"),
    pytest.param(("-summary__high_count", "name", "id"), id="across-tables"),
]


@pytest.fixture
def tenants(db: None) -> list[Tenant]:
    made = [Tenant.objects.create(name=f"Tenant {number % 3}") for number in range(11)]
    for number, tenant in enumerate(made):
        TenantSummary.objects.create(tenant=tenant, high_count=number % 2)
    return made


def _page(order: tuple[str, ...], query: str = "", size: int = 4) -> Page:
    rows = Tenant.objects.select_related("summary")
    return keyset_page(rows, order, QueryDict(query.lstrip("?")), size)


@pytest.mark.parametrize("order", ORDERS)
def test_pages_show_each_row_once_and_in_order(order: tuple[str, ...], tenants: list[Tenant]):
    page = _page(order)
    seen = list(page.rows)
    while page.next:
        page = _page(order, page.next_url)
        seen += page.rows

    assert seen == list(Tenant.objects.order_by(*order))


def test_the_last_page_leads_no_further(tenants: list[Tenant]):
    page = _page(("name", "id"), size=11)

    assert len(page.rows) == 11
    assert not page.next
    assert not page.is_later


def test_links_keep_the_filters(tenants: list[Tenant]):
    page = _page(("name", "id"), "q=Tenant+1&sort=")

    assert page.next_url.startswith("?q=Tenant+1&sort=&after=")
    assert page.first_url == "?q=Tenant+1&sort="


@pytest.mark.parametrize("cursor", ["nonsense", "a:b", "%00", "e30:x" * 400])
def test_a_cursor_that_we_did_not_make_shows_the_first_page(cursor: str, tenants: list[Tenant]):
    page = _page(("name", "id"), f"after={cursor}")

    assert page.rows == _page(("name", "id")).rows
    assert not page.is_later


def test_a_cursor_of_another_order_shows_the_first_page(tenants: list[Tenant]):
    other = _page(("-created_at", "-id")).next_url

    assert not _page(("name", "id"), other).is_later

"""The customer sees what their org was asked for, and nobody else's."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tenants.broker.uses import TokenUses
from tenants.choices import RunKind
from tenants.connections.uses import purpose_in_words
from tenants.models import Tenant

APPS = frozenset({"okta.apps.read"})


@pytest.fixture
def connected(admin: Any) -> Any:
    admin.tenant.host, admin.tenant.state = "acme.okta.com", "connected"
    admin.tenant.connected_at = timezone.now()
    admin.tenant.save()
    return admin


def use(tenant: Tenant, purpose: str, hours_ago: int = 0) -> None:
    at = timezone.now() - timedelta(hours=hours_ago)
    TokenUses(tenant.pk, purpose, clock=lambda: at).note(APPS)


def test_each_use_is_told_with_purpose_moment_and_scopes(connected: Any) -> None:
    use(connected.tenant, "sync")
    use(connected.tenant, "call:listApplications", hours_ago=3)

    page = connected.get("asked").text

    assert page.index("Reading the configuration") < page.index("Call by hand: listApplications")
    assert "okta.apps.read" in page
    assert timezone.now().strftime("%Y") in page


@pytest.mark.parametrize("kind", RunKind)
def test_what_each_kind_of_run_uses_tokens_for_is_told_in_words(kind: RunKind) -> None:
    assert purpose_in_words(kind) not in RunKind.values


def test_nothing_of_another_customer_is_told(connected: Any, invite: Any) -> None:
    use(invite("Beta").tenant, "call:listUsers")

    page = connected.get("asked").text

    assert "listUsers" not in page
    assert "Nothing yet" in page


def test_a_long_history_has_pages(connected: Any) -> None:
    for hours_ago in range(60):
        use(connected.tenant, "sync", hours_ago)

    first = connected.get("asked")
    second = connected.browser.get(connected.url("asked") + first.context["page"].next_url)

    assert len(first.context["page"].rows) == 50
    assert len(second.context["page"].rows) == 10


def test_the_page_of_a_connected_org_leads_there(connected: Any) -> None:
    use(connected.tenant, "verify")

    page = connected.get("connected").text

    assert connected.url("asked") in page
    assert "proving the connection" in page


def test_the_name_of_a_call_is_not_spelled_anew(connected: Any) -> None:
    use(connected.tenant, "call:listApplications")

    assert "call by hand: listApplications" in connected.get("connected").text


def test_without_a_connection_there_is_nothing_to_tell(admin: Any) -> None:
    assert admin.get("asked").headers["Location"] == admin.url("welcome")

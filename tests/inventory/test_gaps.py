"""What could not be read is told as such, and removes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from tenants.choices import Completeness, EventLevel, RunKind, RunState
from tenants.inventory import handler
from tenants.inventory.kinds import KINDS
from tenants.inventory.progress import Listing, Progress
from tenants.models import Coverage, Resource, Tenant
from tenants.okta.answers import BadJson
from tenants.okta.client import OktaClient
from tenants.okta.errors import OktaCursorError, OktaForbidden, OktaNotFound, OktaNotLicensed
from tenants.okta.items import Item
from tenants.okta.operations import LIST_APPS, Operation
from tenants.okta.paging import Page
from tenants.runs import engine
from tenants.sandbox.org import Org
from tests.service import run_once

KEYS = KINDS["as_key"]


def _apps(tenant: Tenant) -> int:
    return Resource.objects.filter(tenant=tenant, kind="app", removed_at=None).count()


def _answering(
    monkeypatch: pytest.MonkeyPatch, odd: tuple[str, ...] = (), error: Exception | None = None
) -> None:
    """Let the app listing come with odd items, or not at all."""
    real = OktaClient.pages

    def pages(self: OktaClient, operation: Operation, **asked: Any) -> Iterator[Page]:
        if operation is LIST_APPS and error:
            raise error
        for page in real(self, operation, **asked):
            yield Page(page.items, page.next, odd) if operation is LIST_APPS else page

    monkeypatch.setattr(OktaClient, "pages", pages)


@pytest.mark.django_db(transaction=True)
def test_a_whole_kind_that_is_not_found_was_not_read(
    connected: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = _apps(connected)
    _answering(monkeypatch, error=OktaNotFound("E0000007"))

    run = run_once(connected, RunKind.SYNC)

    coverage = Coverage.objects.get(tenant=connected, kind="app")
    assert coverage.completeness == Completeness.FAILED
    assert (run.state, run.error_code) == (RunState.FAILED, "not_found")
    assert _apps(connected) == known


@pytest.mark.django_db(transaction=True)
def test_a_listing_with_odd_items_removes_nothing_and_says_little(
    connected: Tenant, acme: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = _apps(connected)
    acme.remove("app", acme.list("app")[0]["id"])
    _answering(monkeypatch, odd=tuple(f"item {number} has no id" for number in range(1, 501)))

    run = run_once(connected, RunKind.SYNC)

    (line,) = run.events.filter(level=EventLevel.WARNING).values_list("text", flat=True)
    assert line.endswith("item 3 has no id; and 497 more.")
    assert run.outcome["kinds"]["app"]["odd"] == 500
    assert _apps(connected) == known


@pytest.mark.django_db(transaction=True)
def test_a_listing_without_end_is_given_up_over_all_slices(
    connected: Tenant, acme: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "MAX_PAGES", 2)
    monkeypatch.setattr(engine, "SLICE_STEPS", 1)
    _more_apps(acme, 800)

    run = run_once(connected, RunKind.SYNC)

    kinds = run.outcome["kinds"]
    assert kinds["app"]["completeness"] == Completeness.PARTIAL
    assert kinds["authorization_server"]["completeness"] == Completeness.COMPLETE
    assert "more than 2 pages" in run.error_detail


@pytest.mark.django_db(transaction=True)
def test_a_run_that_was_refused_does_not_claim_to_have_read_anything(
    connected: Tenant, acme: Org
) -> None:
    acme.revoke_integration()

    run = run_once(connected, RunKind.SYNC)

    told = {kind: facts["completeness"] for kind, facts in run.outcome["kinds"].items()}
    assert told == dict.fromkeys(KINDS, Completeness.FAILED)
    assert run.outcome["kinds"]["as_rule"]["reason_code"] == "invalid_client"


def _told(*happened: Exception | int) -> str:
    """The completeness of signing keys after some listings were read or refused."""
    progress = Progress({})
    for number, what in enumerate(happened):
        if isinstance(what, int):
            progress.count(KEYS, read=what)
        else:
            progress.fail(Listing(KEYS, f"aus{number}", None, restarted=False), what)  # type: ignore[arg-type]
    return progress.kinds["as_key"]["completeness"]


@pytest.mark.parametrize(
    ("happened", "expected"),
    [
        ([OktaNotLicensed()], Completeness.UNAVAILABLE),
        ([OktaNotLicensed(), OktaNotLicensed()], Completeness.UNAVAILABLE),
        ([3, OktaNotLicensed()], Completeness.PARTIAL),
        ([OktaNotLicensed(), 3], Completeness.PARTIAL),
        ([OktaForbidden(), OktaNotLicensed()], Completeness.FAILED),
        ([OktaNotLicensed(), OktaForbidden()], Completeness.FAILED),
        ([OktaForbidden(), 3], Completeness.PARTIAL),
        ([3], Completeness.COMPLETE),
    ],
)
def test_one_unlicensed_listing_does_not_speak_for_its_kind(
    happened: list[Any], expected: str
) -> None:
    assert _told(*happened) == expected


def test_what_belongs_to_a_held_removal_counts_as_unread() -> None:
    progress = Progress({})
    servers = Listing(KINDS["authorization_server"], "", None, restarted=False)

    progress.hold(servers, ["aus1", "aus2"])

    told = progress.kinds
    assert told["authorization_server"]["unread"] == []
    assert told["as_policy"]["unread"] == told["as_rule"]["unread"] == ["aus1", "aus2"]
    assert told["as_policy"]["reason_code"] == "shrink_held"


def _more_apps(acme: Org, count: int) -> None:
    template = acme.list("app")[0]
    for number in range(count):
        acme.put("app", {**template, "id": f"0oapaged{number:012}", "label": f"App {number}"})


@pytest.mark.django_db(transaction=True)
def test_a_stored_cursor_that_okta_forgot_costs_nothing_but_the_pages(
    connected: Tenant, acme: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SLICE_STEPS", 1)
    acme.remove("app", acme.list("app")[0]["id"])
    _more_apps(acme, 450)
    real, refused = OktaClient.pages, []

    def pages(self: OktaClient, operation: Operation, **asked: Any) -> Iterator[Page]:
        if asked["start"] and not refused:
            refused.append(asked["start"])
            raise OktaCursorError("E0000029")
        return real(self, operation, **asked)

    monkeypatch.setattr(OktaClient, "pages", pages)

    run = run_once(connected, RunKind.SYNC)

    there, told = len(acme.list("app")), run.outcome["kinds"]["app"]
    assert refused
    assert (run.state, told["completeness"]) == (RunState.SUCCEEDED, Completeness.COMPLETE)
    assert (told["read"], told["added"], told["removed"]) == (there, 450, 1)
    assert _apps(connected) == there


@pytest.mark.django_db(transaction=True)
def test_an_item_that_cannot_be_read_is_kept_and_hides_nothing_else(
    connected: Tenant, acme: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, gone = (server["id"] for server in acme.list("authorization_server")[:2])
    acme.remove("authorization_server", gone)
    policies = acme.list("as_policy", broken)
    acme.put("as_policy", {**policies[0], "id": "00pnew00000000000001"}, broken)
    real = Item.body

    def body(self: Item) -> dict[str, Any]:
        if self.okta_id == broken:
            raise BadJson("the JSON cannot be read")
        return real(self)

    monkeypatch.setattr(Item, "body", body)

    run = run_once(connected, RunKind.SYNC)

    live = Resource.objects.filter(tenant=connected, removed_at=None)
    told = run.outcome["kinds"]["authorization_server"]
    assert (told["odd"], told["removed"]) == (1, 1)
    assert live.filter(okta_id=broken).exists()
    assert not live.filter(okta_id=gone).exists()
    assert live.filter(kind="as_policy", parent=broken).count() == len(policies) + 1

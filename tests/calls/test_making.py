"""Walking a whole listing: rate limits are waited out, and told about."""

import time

import pytest

from tenants.calls import making
from tenants.calls.making import MAX_WAITS, call_pages
from tenants.calls.orgs import org_find
from tenants.calls.wanted import Call, call_build, operation_find
from tenants.models import AuditEvent, Tenant
from tenants.okta.budgets import LocalBudget
from tenants.okta.errors import OktaRateLimited
from tenants.sandbox.faults import Status
from tenants.sandbox.server import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    budget = LocalBudget(interactive=True, clock=clock)
    monkeypatch.setattr(making, "budget_for", lambda *_, **__: budget)
    return clock


@pytest.fixture
def every_app() -> Call:
    return call_build(operation_find("listApplications"), query=[("limit", "5")])


def limited(times: int | None = None, nth: int | None = None) -> Status:
    """A 429 whose window ends in half a minute."""
    headers = [
        ("x-rate-limit-limit", "100"),
        ("x-rate-limit-remaining", "0"),
        ("x-rate-limit-reset", str(int(time.time()) + 30)),
    ]
    return Status(
        status=429,
        code="E0000047",
        headers=headers,
        operation="listApplications",
        times=times,
        nth=nth,
    )


def test_a_walk_goes_on_where_a_rate_limit_stopped_it(
    connected: Tenant, sandbox: Sandbox, clock: Clock, every_app: Call
) -> None:
    sandbox.faults.clear()
    sandbox.faults.add(limited(nth=2))
    told: list[float] = []
    org = org_find("acme.okta.com")

    pages = list(call_pages(every_app, org, login="kim", on_wait=told.append, sleep=clock.sleep))

    sandbox.faults.clear()
    assert [len(page.items) for page in pages] == [5, 5, 2]
    assert sum(told) == clock.now > 20


def test_an_org_that_never_lets_us_go_on_is_given_up(
    connected: Tenant, sandbox: Sandbox, clock: Clock, every_app: Call
) -> None:
    sandbox.faults.clear()
    sandbox.faults.add(limited())
    told: list[float] = []
    org = org_find("acme.okta.com")

    with pytest.raises(OktaRateLimited):
        list(call_pages(every_app, org, login="kim", on_wait=told.append, sleep=clock.sleep))

    sandbox.faults.clear()
    assert len(told) == MAX_WAITS


def test_who_asked_is_on_the_record(connected: Tenant, clock: Clock, every_app: Call) -> None:
    list(call_pages(every_app, org_find("Acme"), login="kim", on_wait=print, sleep=clock.sleep))

    event = AuditEvent.objects.get(action="call.sent")
    assert (event.tenant, event.via, event.detail["login"]) == (connected, "command", "kim")

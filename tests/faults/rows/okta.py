"""Okta is busy, broken, or has taken something from us while a run is under way."""

from tenants.choices import RunKind, Trigger
from tenants.connections.submissions import connection_submit
from tenants.models import Run, Tenant
from tenants.runs.queue import run_queue
from tenants.vault.secret import Secret
from tests.faults.customer import (
    APPS_A_PAGE,
    Customer,
    fresh,
    items_missing,
    unsuccessful,
    wait_for_rest,
)
from tests.faults.fleet import Fleet, wait_until
from tests.faults.row import Seen, row

PAGES = 4

_429 = {"action": "status", "status": 429, "code": "E0000047", "operation": "listApplications"}
#: How a 429 may come, by name: with headers that say how long, that say nonsense, or with none.
STYLES = {
    "too many at once": [["x-rate-limit-limit", "0"], ["x-rate-limit-remaining", "0"]],
    "no headers": [],
    "garbage": [["x-rate-limit-limit", "many"], ["x-rate-limit-reset", "soon"]],
    "long past": [
        *(["x-rate-limit-limit", "600"], ["x-rate-limit-remaining", "0"]),
        *(["x-rate-limit-reset", "1000000000"],),
    ],
}


def _customer(fleet: Fleet) -> Customer:
    return Customer(fleet.okta, pages=PAGES)


@row(once="postgres", beside=True)
def okta_says_too_many(fleet: Fleet, seen: Seen) -> None:
    """429 on page 2 in four styles of headers: each run waits, none fails, the page is read once
    more."""
    customers = {style: _customer(fleet) for style in STYLES}
    for style, customer in customers.items():
        customer.fault(**_429, headers=STYLES[style], nth=2)
        customer.queue()

    wait_for_rest(list(customers.values()))

    for style, customer in customers.items():
        seen.exactly(f"{style}: pages asked for", customer.pages_read(), PAGES + 1)
    seen.exactly("items missing or doubled", items_missing(list(customers.values())), 0)
    seen.exactly("not well", unsuccessful(list(customers.values())), 0)


@row(once="postgres", beside=True)
def okta_breaks_now_and_then(fleet: Fleet, seen: Seen) -> None:
    """Every third answer is a 500, 502, 503 or 504, a cut or a closed connection: all runs end
    well."""
    faults = [{"action": "status", "status": status} for status in (500, 502, 503, 504)]
    faults += [{"action": "truncate", "after": 100}, {"action": "close"}]
    customers = [_customer(fleet) for _ in faults]
    for customer, fault in zip(customers, faults, strict=True):
        customer.fault(**fault, operation="listApplications", every=3)
        customer.queue()

    wait_for_rest(customers)

    seen.exactly("items missing or doubled", items_missing(customers), 0)
    seen.exactly("not well", unsuccessful(customers), 0)


@row(once="postgres", beside=True)
def token_revoked_in_a_run(fleet: Fleet, seen: Seen) -> None:
    """The token is revoked between two pages: one new one, and the run goes on."""
    customer = _customer(fleet)
    run = _in_page_3(customer)

    customer.do("expire_tokens")
    wait_for_rest([customer])

    seen.exactly("tokens asked for", fresh(run).token_count, 2)
    seen.exactly("items", customer.items(), customer.apps)
    seen.exactly("not well", unsuccessful([customer]), 0)


@row(once="postgres", beside=True)
def secret_revoked_in_a_run(fleet: Fleet, seen: Seen) -> None:
    """Secret and tokens are revoked between two pages: the tenant needs attention after one refused
    secret, what was read stays, and with a new secret all is read."""
    customer = _customer(fleet)
    run = _in_page_3(customer)

    secret = customer.do("rotate_secret")
    customer.do("expire_tokens")
    wait_for_rest([customer])
    attention = Tenant.objects.get(pk=customer.tenant.pk)
    asked = sum(path == "/oauth2/v1/token" for _, path, _ in customer.do("requests"))
    kept = customer.items()
    connection_submit(
        tenant=customer.tenant,
        host=customer.host,
        client_id=customer.org["client_id"],
        client_secret=Secret(secret),
        via="setup link",
    )
    wait_until("a new sync", lambda: customer.tenant.runs.filter(kind=RunKind.AUDIT).exists())
    wait_for_rest([customer])

    seen.exactly("the run", f"{fresh(run).state} {fresh(run).error_code}", "failed invalid_client")
    seen.exactly("tenant", attention.state, "attention")
    seen.exactly("token requests", asked, 2)
    seen.at_most("items lost meanwhile", 3 * APPS_A_PAGE - kept, 0)
    seen.exactly("items in the end", customer.items(), customer.apps)
    seen.exactly("tenant in the end", Tenant.objects.get(pk=customer.tenant.pk).state, "connected")


@row(once="postgres", beside=True)
def scope_removed_in_a_run(fleet: Fleet, seen: Seen) -> None:
    """A scope is taken back: the run says which one, and nothing is removed from the mirror."""
    customer = _customer(fleet)
    customer.queue()
    wait_for_rest([customer])

    customer.do("ungrant", scopes=["okta.apps.read"])
    customer.do("expire_tokens")
    run = run_queue(tenant=customer.tenant, kind=RunKind.SYNC, trigger=Trigger.OPERATOR)
    wait_for_rest([customer])

    seen.exactly("the run", f"{fresh(run).state} {fresh(run).error_code}", "failed scope_missing")
    named = "okta.apps.read" in fresh(run).error_detail
    seen.exactly("names the scope", named, True)
    seen.exactly("items", customer.items(), customer.apps)


def _in_page_3(customer: Customer) -> Run:
    """The run of a customer whose third page is slow, once it has been asked for.

    Page 4 is asked for after whatever happens now.
    """
    slow = customer.fault(action="delay", seconds=2, operation="listApplications", nth=3)
    run = customer.queue()
    wait_until("page 3", lambda: customer.hits(slow))
    return run

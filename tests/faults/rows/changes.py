"""Changes to orgs while workers die and answers get lost: each is made once."""

import time

from tests.faults.changes import let_change, queue_changes, tally
from tests.faults.customer import Customer, fresh, unsuccessful, wait_for_rest
from tests.faults.fleet import Fleet, wait_until
from tests.faults.row import Seen, row

CREATIONS, SWITCHES = 4, 2


def _under_change(fleet: Fleet, **fault: object) -> tuple[list[Customer], int]:
    """Customers whose changes are under way, and the number of a fault on the first of them."""
    customers = [Customer(fleet.okta, apps=SWITCHES + 1) for _ in range(3)]
    for customer in customers:
        let_change(customer)
    number = customers[0].fault(**fault)
    for customer in customers:
        queue_changes(customer, creations=CREATIONS, switches=SWITCHES)
    return customers, number


def _exactly_once(seen: Seen, customers: list[Customer]) -> None:
    found = tally(customers)
    seen.exactly("missing", found.missing, 0)
    seen.exactly("doubled", found.doubled, 0)
    seen.exactly("not made", found.unmade, 0)
    seen.exactly("not asked for", found.unasked, 0)
    seen.exactly("not well", unsuccessful(customers), 0)


@row(once="sqlite")
def worker_killed_in_a_change(fleet: Fleet, seen: Seen) -> None:
    """kill -9 of the worker that waits for the answer to its second creation, which the org has
    made: it is found there, and not made again."""
    slow = {"action": "delay", "seconds": 8, "operation": "createAuthorizationServer", "nth": 2}
    customers, number = _under_change(fleet, **slow)
    wait_until("the second creation", lambda: customers[0].hits(number))
    run = customers[0].tenant.runs.get(kind="apply")

    holder = fleet.holder(fresh(run).owner)
    holder.kill()
    time.sleep(1)
    holder.start()
    wait_for_rest(customers)

    _exactly_once(seen, customers)


@row(once="postgres", beside=True)
def answer_to_a_change_is_lost(fleet: Fleet, seen: Seen) -> None:
    """Every second change is made and answered with a 502: each is found to be made."""
    lost = {"action": "status", "status": 502, "applies": True, "every": 2}
    customers, _ = _under_change(fleet, **lost, method="POST", path="/api/v1/*")

    wait_for_rest(customers)

    _exactly_once(seen, customers)

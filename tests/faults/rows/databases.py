"""The database goes away."""

import time

from django.db import connections

from tests.faults.browser import TAKEN, Browser
from tests.faults.customer import (
    Customer,
    items_missing,
    pages_read,
    slow_customers,
    unsuccessful,
    wait_for_rest,
)
from tests.faults.fleet import Fleet, wait_until
from tests.faults.row import Seen, row

AWAY_S = 5.0
UNAVAILABLE = 503
PROMPT_S = 2.0


@row()
def database_away(fleet: Fleet, seen: Seen) -> None:
    """The database crashes (PostgreSQL) or is locked (SQLite) for 5 s in the middle of six runs:
    what must write answers 503 in 2 s and has taken nothing, and all is done in 60 s after it."""
    customers = slow_customers(fleet, 6, pages=4)
    browser = Browser(fleet, newcomer := Customer(fleet.okta, connected=False))
    pids = {member.pid for member in fleet.members}
    for customer in customers:
        customer.queue()
    wait_until("page 2", lambda: all(customer.pages_read() >= 2 for customer in customers))

    connections.close_all()
    with fleet.database.away():
        began = time.monotonic()
        looked, look_s = browser.look()
        sent, send_s = browser.submit()
        time.sleep(max(0.0, AWAY_S - (time.monotonic() - began)))
    kept = newcomer.tenant.credentials.count()
    took_s = wait_for_rest(customers, patience_s=150)
    again, _ = browser.submit()
    wait_for_rest([newcomer])
    browser.close()

    seen.facts.append(f"looking {looked} in {look_s:.1f} s")
    seen.within("answer to looking", look_s, PROMPT_S)
    seen.exactly("answer to sending", sent, UNAVAILABLE)
    seen.within("answer to sending", send_s, PROMPT_S)
    seen.exactly("kept of it", kept, 0)
    seen.exactly("sent again", again, TAKEN)
    seen.within("all done after it", took_s, 60)
    seen.exactly("items missing or doubled", items_missing([*customers, newcomer]), 0)
    seen.at_most("pages read", pages_read(customers), 6 * (4 + 2))
    seen.exactly("not well", unsuccessful([*customers, newcomer]), 0)
    ended = pids - {member.pid for member in fleet.members if member.is_alive}
    seen.exactly("processes that ended", len(ended), 0)

"""The database cannot be written to, or nobody knows whether it was."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from django.db import connections

from tests.faults.browser import TAKEN, Browser
from tests.faults.customer import (
    Customer,
    items_missing,
    kept_of_sending,
    pages_read,
    slow_customers,
    unsuccessful,
    wait_for_rest,
)
from tests.faults.fleet import Fleet, wait_until
from tests.faults.proxy import CommitCutter
from tests.faults.row import Seen, row
from tests.faults.seed import chance

AWAY_S = 5.0
UNAVAILABLE = 503
PROMPT_S = 2.0
PAGES = 4
SENDERS = 8

_NO_DISK = {"postgres": "its disk cannot be filled here; full, it answers as when read-only"}
_NO_SERVER = {"sqlite": "a file has no connections to cut"}


@row(not_on=_NO_DISK)
def database_full(fleet: Fleet, seen: Seen) -> None:
    """The database's disk is full for 5 s in the middle of six runs: what needs room is
    refused with 503 in 2 s, no process ends, and all is done in 60 s after it."""
    _without_writes(fleet, seen, fleet.database.full, taken_at_most=SENDERS - 1)
    seen.exactly("database sound", fleet.database.is_sound(), True)


@row(once="postgres")
def database_read_only(fleet: Fleet, seen: Seen) -> None:
    """The database takes no writes for 5 s in the middle of six runs: sending answers 503 in 2 s
    and keeps nothing, no process ends, and all is done in 60 s after it."""
    _without_writes(fleet, seen, fleet.database.read_only, taken_at_most=0)


def _without_writes(
    fleet: Fleet,
    seen: Seen,
    fault: Callable[[], AbstractContextManager[None]],
    taken_at_most: int,
) -> None:
    odd = [*fleet.hire_odd_workers("odd_database")]
    odd += [fleet.hire_odd_web("--config", "python:tests.faults.odd_database")]
    customers = slow_customers(fleet, 6, pages=PAGES)
    newcomers = [Customer(fleet.okta, connected=False) for _ in range(SENDERS)]
    browsers = [Browser(fleet, newcomer) for newcomer in newcomers]
    for customer in customers:
        customer.queue()
    wait_until("page 2", lambda: all(customer.pages_read() >= 2 for customer in customers))

    with fault():
        sent = [browser.submit() for browser in browsers]
        looks = [browser.look() for browser in browsers]
        kept = [kept_of_sending(newcomer) for newcomer in newcomers]
        time.sleep(AWAY_S)
    took_s = wait_for_rest([*customers, *newcomers])
    refused = [b for b, (status, _) in zip(browsers, sent, strict=True) if status != TAKEN]
    again = [browser.submit()[0] for browser in refused]
    wait_for_rest(newcomers)
    for browser in browsers:
        browser.close()

    statuses = [status for status, _ in sent]
    lost = sum((s == TAKEN) != (k[0] == 1) for s, k in zip(statuses, kept, strict=True))
    seen.at_most("taken", statuses.count(TAKEN), taken_at_most)
    seen.exactly("refused", statuses.count(UNAVAILABLE), SENDERS - statuses.count(TAKEN))
    seen.exactly("half sendings", sum(len(set(each)) > 1 for each in kept), 0)
    seen.exactly("told otherwise than it was", lost, 0)
    seen.facts.append(f"looking {sorted({status for status, _ in looks})}")
    seen.within("slowest answer", max(spent for _, spent in (*sent, *looks)), PROMPT_S)
    seen.exactly("taken when sent again", again.count(TAKEN), len(again))
    seen.within("all done after it", took_s, 60)
    seen.exactly("items missing or doubled", items_missing([*customers, *newcomers]), 0)
    seen.exactly("not well", unsuccessful([*customers, *newcomers]), 0)
    seen.at_most("pages read", pages_read(customers), 6 * (PAGES + 4))
    seen.exactly("processes that ended", sum(not member.is_alive for member in odd), 0)


@row(not_on=_NO_SERVER)
def connections_ended(fleet: Fleet, seen: Seen) -> None:
    """The server ends all connections every half second for 5 s: pages answer 200 or 503, and all
    six runs are done in 60 s after it."""
    customers = slow_customers(fleet, 6, pages=PAGES)
    browser = Browser(fleet, Customer(fleet.okta, connected=False))
    for customer in customers:
        customer.queue()
    wait_until("page 1", lambda: all(customer.pages_read() for customer in customers))

    connections.close_all()
    ended, looks = 0, set()
    until = time.monotonic() + AWAY_S
    while time.monotonic() < until:
        ended += fleet.database.end_connections()
        looks.add(browser.look()[0])
        time.sleep(0.5)
    took_s = wait_for_rest(customers)
    browser.close()

    seen.facts.append(f"{ended} connections ended")
    seen.exactly("other answers", looks - {200, UNAVAILABLE}, set())
    seen.within("all done after it", took_s, 60)
    seen.exactly("items missing or doubled", items_missing(customers), 0)
    seen.exactly("not well", unsuccessful(customers), 0)


@row(not_on=_NO_SERVER)
def commits_cut(fleet: Fleet, seen: Seen) -> None:
    """Every tenth COMMIT loses its connection, half of them after the server carried it out: ten
    runs are done, and no item is missing or stored twice."""
    with CommitCutter(fleet.env["DATABASE_URL"], chance("commits-cut"), share=0.1) as cutter:
        fleet.hire_odd_workers(DATABASE_URL=cutter.url)
        customers = [Customer(fleet.okta, pages=PAGES) for _ in range(10)]
        for customer in customers:
            customer.queue()

        took_s = wait_for_rest(customers)
        cuts = cutter.cuts

    seen.at_most("too few cuts", 5 - min(5, cuts), 0)
    seen.facts.append(f"{cuts} commits cut")
    seen.within("all done", took_s, 60)
    seen.exactly("items missing or doubled", items_missing(customers), 0)
    seen.exactly("not well", unsuccessful(customers), 0)
    seen.at_most("pages read", pages_read(customers), 10 * PAGES + cuts)


@row(not_on={"postgres": "there readers and writers do not wait for each other"})
def long_reader(fleet: Fleet, seen: Seen) -> None:
    """A reader keeps one transaction open for 8 s while workers store 12,000 items and admins send
    secrets: nobody is told that the database is locked."""
    customers = [Customer(fleet.okta, apps=1000) for _ in range(12)]
    newcomers = [Customer(fleet.okta, connected=False) for _ in range(4)]
    browsers = [Browser(fleet, newcomer) for newcomer in newcomers]
    logs = [member.log for member in fleet.members]

    with fleet.database.reading() as count:
        before = count()
        for customer in customers:
            customer.queue()
        sent = [browser.submit()[0] for browser in browsers]
        time.sleep(8)
        during = count()
    took_s = wait_for_rest([*customers, *newcomers])
    for browser in browsers:
        browser.close()

    locked = sum("database is locked" in log.read_text(errors="replace") for log in logs)
    seen.exactly("what the reader sees beside what it saw", during - before, 0)
    seen.exactly("logs that say locked", locked, 0)
    seen.exactly("sent and taken", sent.count(TAKEN), len(sent))
    seen.within("all done after it", took_s, 60)
    seen.exactly("items missing or doubled", items_missing([*customers, *newcomers]), 0)
    seen.exactly("not well", unsuccessful([*customers, *newcomers]), 0)

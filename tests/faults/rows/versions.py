"""A deploy: processes of two versions on one database."""

import time
from itertools import pairwise

from celery import current_app
from django.db import connection

from tenants.choices import RunState
from tenants.models import Run
from tests.faults.customer import (
    Customer,
    fresh,
    items_missing,
    pages_read,
    slow_customers,
    unsuccessful,
    wait_for_rest,
)
from tests.faults.fleet import Fleet, at_once, wait_until
from tests.faults.member import Member
from tests.faults.row import Seen, row

PAGES = 4
PAGES_OF_MANY = 20


@row()
def versions_side_by_side(fleet: Fleet, seen: Seen) -> None:
    """Workers end one after the other in the middle of six runs, while a newer version has added a
    column, a task, a kind of run and another checkpoint: the older one leaves alone what it does
    not know, starts anew where it must, and drains in 30 s."""
    customers = slow_customers(fleet, 6, pages=PAGES)
    ahead = Customer(fleet.okta, pages=2)
    for customer in customers:
        customer.queue()
    wait_until("page 2", lambda: all(customer.pages_read() >= 2 for customer in customers))

    with connection.schema_editor() as editor:
        column = "ALTER TABLE tenants_run ADD COLUMN novelty varchar(9) NOT NULL DEFAULT 'new'"
        editor.execute(column)
    newer = Run.objects.create(tenant=ahead.tenant, kind="novelty", trigger="operator")
    current_app.send_task("run.novelty", args=["x"], queue="scheduled")
    begun = ahead.queue()
    Run.objects.filter(pk=begun.pk).update(checkpoint={"version": 99, "done": "7 of 9"})
    drained_s = 0.0
    for worker in fleet.workers:
        drained_s = max(drained_s, worker.terminate())
        worker.start()
    wait_until("the end", lambda: not fresh(begun).is_live)
    wait_for_rest(customers)
    waits = fresh(newer)
    Run.objects.filter(pk=newer.pk).update(state=RunState.CANCELLED, owner="")
    wait_for_rest([ahead])
    with connection.schema_editor() as editor:
        editor.execute("ALTER TABLE tenants_run DROP COLUMN novelty")

    seen.within("workers ended", drained_s, 30)
    seen.exactly("pages read", pages_read(customers), 6 * PAGES)
    seen.exactly("items missing or doubled", items_missing([*customers, ahead]), 0)
    seen.exactly("not well", unsuccessful(customers), 0)
    seen.exactly("a checkpoint of the newer", fresh(begun).state, RunState.SUCCEEDED)
    told = f"{waits.state}, {waits.attempts} attempts"
    seen.exactly("a run of the newer", told, "queued, 0 attempts")
    seen.exactly("workers that ended", sum(not each.is_alive for each in fleet.workers), 0)


@row(once="sqlite")
def sigterm_storm(fleet: Fleet, seen: Seen) -> None:
    """All workers are told to end three seconds after they are back, three times, in the middle of
    four slow runs: these get on all the same, and no page is read twice."""
    customers = slow_customers(fleet, 4, pages=PAGES_OF_MANY)
    for customer in customers:
        customer.queue()
    wait_until("page 1", lambda: all(customer.pages_read() for customer in customers))

    read = [pages_read(customers)]
    longest_s = 0.0
    for _ in range(3):
        longest_s = max(longest_s, *at_once(Member.terminate, fleet.workers))
        at_once(Member.start, fleet.workers)
        time.sleep(3)
        read.append(pages_read(customers))
    wait_for_rest(customers)

    idle = sum(later == before for before, later in pairwise(read))
    seen.facts.append(f"pages after each {read}")
    seen.within("longest to end", longest_s, 30)
    seen.exactly("done before the last", read[-1] == 4 * PAGES_OF_MANY, False)
    seen.exactly("times without progress", idle, 0)
    seen.exactly("pages read", pages_read(customers), 4 * PAGES_OF_MANY)
    seen.exactly("items missing or doubled", items_missing(customers), 0)
    seen.exactly("not well", unsuccessful(customers), 0)

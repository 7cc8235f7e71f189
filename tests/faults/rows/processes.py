"""Processes are killed, frozen and told to end."""

import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from oin_service.stack import BEAT
from tenants.choices import RunKind
from tenants.models import Job, Resource, Run, RunEvent
from tenants.runs.schedule import job_ensure, job_set_interval
from tests.faults.browser import TAKEN, Browser
from tests.faults.customer import (
    Customer,
    fresh,
    items_missing,
    jobs_end,
    kept_of_sending,
    live_runs,
    pages_read,
    slow_customers,
    unsuccessful,
    wait_for_rest,
)
from tests.faults.fleet import PATIENCE_S, POLL_S, Fleet, at_once, wait_until
from tests.faults.member import Member
from tests.faults.odd_worker import LEASE_S, POISON
from tests.faults.row import Seen, row

PAGES = 5


def _in_its_third_page(fleet: Fleet) -> tuple[Customer, str, int]:
    """A customer whose sync is in the middle of page 3, the run's owner, and its fence."""
    customer = Customer(fleet.okta, pages=PAGES)
    slow = customer.fault(action="delay", seconds=5, operation="listApplications", nth=3)
    run = customer.queue()
    wait_until("page 3", lambda: customer.hits(slow))
    return customer, fresh(run).owner, fresh(run).fence


@row()
def worker_killed_in_a_page(fleet: Fleet, seen: Seen) -> None:
    """kill -9 of the worker in the middle of page 3: another takes over in 10 s and repeats that
    page alone."""
    customer, owner, fence = _in_its_third_page(fleet)
    run = customer.tenant.runs.get(owner=owner)

    holder = fleet.holder(owner)
    holder.kill()
    took_s = wait_until("a take-over", lambda: fresh(run).fence > fence)
    holder.start()
    wait_for_rest([customer])

    seen.within("take-over", took_s, 10)
    seen.exactly("items", customer.items(), customer.apps)
    seen.at_most("pages read", customer.pages_read(), PAGES + 1)
    seen.exactly("not well", unsuccessful([customer]), 0)


@row()
def all_workers_killed(fleet: Fleet, seen: Seen) -> None:
    """kill -9 of all workers in the middle of eight runs, then new ones: in 10 s all runs go on,
    each repeating one page."""
    pages = 6  # so many that the first is not done before the last has begun
    customers = slow_customers(fleet, 8, pages=pages)
    runs = [customer.queue() for customer in customers]
    wait_until("page 2", lambda: all(customer.pages_read() >= 2 for customer in customers))

    at_once(Member.kill, fleet.workers)
    fences = {run.pk: fresh(run).fence for run in runs}
    began = time.monotonic()
    at_once(Member.start, fleet.workers)
    wait_until("take-overs", lambda: all(fresh(run).fence > fences[run.pk] for run in runs))
    took_s = time.monotonic() - began
    wait_for_rest(customers)

    seen.within("take-overs", took_s, 10)
    seen.exactly("items missing or doubled", items_missing(customers), 0)
    seen.at_most("pages read", pages_read(customers), 8 * (pages + 1))
    seen.exactly("not well", unsuccessful(customers), 0)


@row(once="sqlite")
def beat_killed(fleet: Fleet, seen: Seen) -> None:
    """kill -9 of beat: what is asked for meanwhile waits, and starts with the next one's tick."""
    customers = [Customer(fleet.okta) for _ in range(5)]

    fleet.beat.kill()
    for customer in customers:
        customer.queue()
    fleet.beat.start()
    took_s = wait_for_rest(customers)

    seen.within("all done", took_s, 15)
    seen.exactly("items missing or doubled", items_missing(customers), 0)
    seen.exactly("not well", unsuccessful(customers), 0)


@row()
def web_killed_in_requests(fleet: Fleet, seen: Seen) -> None:
    """kill -9 of the web process while 24 admins send their secrets: each sending happened
    whole or not at all, and none that was answered is lost."""
    customers = [Customer(fleet.okta, connected=False) for _ in range(24)]
    browsers = [Browser(fleet, customer) for customer in customers]

    with ThreadPoolExecutor(len(browsers)) as admins:
        sent = [admins.submit(browser.submit) for browser in browsers]
        wait(sent, return_when=FIRST_COMPLETED)
        fleet.web.kill()
    answered = [each.result()[0] == TAKEN for each in sent]
    kept = [kept_of_sending(customer) for customer in customers]
    fleet.web.start()
    again = [
        browser.submit_patiently()
        for browser, was in zip(browsers, answered, strict=True)
        if not was
    ]
    wait_for_rest(customers)

    seen.at_most("answered before", sum(answered), len(customers) - 1)
    seen.exactly("half sendings", sum(len(set(each)) > 1 for each in kept), 0)
    seen.exactly(
        "answered but lost", sum(a and k[0] != 1 for a, k in zip(answered, kept, strict=True)), 0
    )
    others = [status for status in again if status != TAKEN]
    seen.exactly("other answers when sent again", others, [])
    seen.exactly("items missing or doubled", items_missing(customers), 0)
    for browser in browsers:
        browser.close()


@row(once="postgres")
def worker_frozen_past_its_lease(fleet: Fleet, seen: Seen) -> None:
    """SIGSTOP of the worker in page 3 for longer than its lease (here 6 s), then CONT: another
    finished the run meanwhile, and the one that wakes up writes nothing."""
    fleet.hire_odd_workers(**{LEASE_S: "6"})
    customer, owner, fence = _in_its_third_page(fleet)
    run = customer.tenant.runs.get(owner=owner)

    frozen = fleet.holder(owner)
    frozen.freeze()
    took_s = wait_until("a take-over", lambda: fresh(run).fence > fence)
    wait_for_rest([customer])
    before = _written(customer)
    frozen.thaw()
    wait_until("the old holder's leaving", lambda: "lease lost" in frozen.log.read_text())

    seen.within("take-over", took_s, 6 + 10)
    seen.exactly("written by the old holder", int(_written(customer) != before), 0)
    seen.exactly("items", customer.items(), customer.apps)
    seen.at_most("pages read", customer.pages_read(), PAGES + 1)
    seen.exactly("not well", unsuccessful([customer]), 0)


def _written(customer: Customer) -> list[object]:
    """Everything that a run writes."""
    of_tenant = {"tenant": customer.tenant}
    return [
        *Run.objects.filter(**of_tenant).order_by("pk").values(),
        *Resource.objects.filter(**of_tenant).order_by("pk").values_list("pk", "changed_at"),
        *RunEvent.objects.filter(run__tenant=customer.tenant).values_list("pk", flat=True),
    ]


@row(once="sqlite")
def poison_run(fleet: Fleet, seen: Seen) -> None:
    """A run kills its process each time, a supervisor starts that again: after five times the run
    is given up; slow runs beside it end well."""
    poison = Customer(fleet.okta)
    others = slow_customers(fleet, 6, pages=2)
    workers = fleet.hire_odd_workers(**{POISON: poison.host})
    run = poison.queue()
    for customer in others:
        customer.queue()

    deaths = 0
    until = time.monotonic() + PATIENCE_S
    while fresh(run).is_live and time.monotonic() < until:
        for worker in workers:
            if not worker.is_alive:
                deaths += 1
                worker.start()
        time.sleep(POLL_S)
    wait_for_rest(others)

    seen.exactly("processes killed", deaths, 5)
    seen.exactly("the run", f"{fresh(run).state} {fresh(run).error_code}", "errored quarantined")
    seen.exactly("others' items missing or doubled", items_missing(others), 0)
    seen.exactly("others not well", unsuccessful(others), 0)


@row(once="sqlite")
def sigterm_drains(fleet: Fleet, seen: Seen) -> None:
    """SIGTERM of all workers in the middle of eight slow runs: they end within 30 s, each run
    stops at the end of a page and goes on with the next workers."""
    customers = slow_customers(fleet, 8, pages=4)
    for customer in customers:
        customer.queue()
    wait_until("page 2", lambda: all(customer.pages_read() >= 2 for customer in customers))

    took_s = max(at_once(Member.terminate, fleet.workers))
    left = live_runs(customers)
    at_once(Member.start, fleet.workers)
    resumed_s = wait_for_rest(customers)

    seen.within("workers ended", took_s, 30)
    seen.exactly("runs cut short", left, len(customers))
    seen.within("all done after that", resumed_s, 45)
    seen.exactly("pages read", pages_read(customers), 8 * 4)
    seen.exactly("items missing or doubled", items_missing(customers), 0)
    seen.exactly("not well", unsuccessful(customers), 0)


@row()
def three_beats(fleet: Fleet, seen: Seen) -> None:
    """Three beats for 10 s, and schedules of 2 s: each slot has one run."""
    customers = [Customer(fleet.okta) for _ in range(4)]
    jobs = [job_ensure(tenant=each.tenant, kind=RunKind.SYNC) for each in customers]
    for each in customers:
        job_set_interval(tenant=each.tenant, kind=RunKind.SYNC, every_s=2)
    fleet.hire(*[fleet.member(f"beat-{number}", BEAT) for number in (2, 3)])

    time.sleep(10)
    jobs_end(Job.objects.filter(pk__in=[job.pk for job in jobs]))
    wait_for_rest(customers)

    counts = [Run.objects.filter(tenant=c.tenant, kind=RunKind.SYNC).count() for c in customers]
    seen.at_most("most runs of a tenant", max(counts), 10 // 2 + 1)
    seen.exactly("tenants with fewer than three", sum(count < 3 for count in counts), 0)
    seen.exactly("not well", unsuccessful(customers), 0)

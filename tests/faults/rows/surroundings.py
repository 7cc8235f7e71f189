"""What lies around the processes: clocks, keys, logs, mail."""

import time
from pathlib import Path

from django.utils import timezone

from tenants.choices import RunKind, RunState, Trigger
from tenants.connections.submissions import connection_submit
from tenants.models import Run, Tenant
from tenants.runs.queue import run_queue
from tenants.vault.keyring import LocalKeyring
from tenants.vault.secret import Secret
from tests.faults.browser import TAKEN, Browser
from tests.faults.customer import (
    APPS_A_PAGE,
    Customer,
    fresh,
    items_missing,
    live_runs,
    pages_read,
    slow_customers,
    unsuccessful,
    wait_for_rest,
)
from tests.faults.fleet import Fleet, at_once, wait_until
from tests.faults.member import Member
from tests.faults.odd_worker import CLOCK_S
from tests.faults.row import Seen, row

PAGES = 3
_NO_MAIL = "no mail is sent: an operator hands the setup link on"


@row(once="postgres")
def clocks_ten_minutes_off(fleet: Fleet, seen: Seen) -> None:
    """One worker's clock is ten minutes ahead, the other's behind: each tenant needs one token, a
    429 is waited for as long as told, and every item is there."""
    at_once(Member.kill, fleet.workers)
    clocks = {"ahead": "600", "behind": "-600"}
    fleet.hire(*[fleet.odd_worker(name, **{CLOCK_S: by}) for name, by in clocks.items()])
    customers = [Customer(fleet.okta, apps=PAGES * APPS_A_PAGE) for _ in range(8)]
    reset = str(int(time.time()) + 6)
    told = [["x-rate-limit-limit", "600"], ["x-rate-limit-remaining", "0"]]
    told += [["x-rate-limit-reset", reset]]
    for customer in customers:
        customer.fault(
            **{"action": "status", "status": 429, "code": "E0000047", "headers": told},
            operation="listApplications",
            nth=2,
        )
    runs = [customer.queue() for customer in customers]
    took_s = wait_for_rest(customers)

    hosts = {fresh(run).token_count for run in runs}
    seen.exactly("tokens of each", hosts, {1})
    seen.within("all done, the 6 s of the 429 included", took_s, 30)
    seen.exactly("pages read", pages_read(customers), 8 * (PAGES + 1))
    seen.exactly("items missing or doubled", items_missing(customers), 0)
    seen.exactly("not well", unsuccessful(customers), 0)


@row(once="sqlite")
def keys_gone(fleet: Fleet, seen: Seen) -> None:
    """The key file is gone when workers and web start: pages say 503 to who sends a secret, runs
    wait, and all is done once it is back."""
    customers = [Customer(fleet.okta) for _ in range(3)]
    browser = Browser(fleet, newcomer := Customer(fleet.okta, connected=False))
    missing = fleet.home / "missing.json"
    workers = fleet.hire_odd_workers(KEYRING_FILE=str(missing))
    web = fleet.hire_odd_web(KEYRING_FILE=str(missing))

    ready = browser.get("/readyz")
    sent, _ = browser.submit()
    kept = newcomer.tenant.credentials.count()
    runs = [customer.queue() for customer in customers]
    wait_until("waiting runs", lambda: all(fresh(run).waiting_for for run in runs))
    states = {fresh(run).state for run in runs}
    missing.write_bytes(Path(fleet.env["KEYRING_FILE"]).read_bytes())
    missing.chmod(0o600)
    ready_again = browser.get("/readyz")
    again, _ = browser.submit()
    Run.objects.filter(pk__in=[run.pk for run in runs]).update(not_before=timezone.now())
    took_s = wait_for_rest([*customers, newcomer])
    missing.unlink()
    later = customers[0].queue()
    wait_for_rest(customers)
    browser.close()

    seen.exactly("/readyz", ready, 503)
    seen.exactly("answer to sending", sent, 503)
    seen.exactly("kept of it", kept, 0)
    seen.exactly("runs meanwhile", states, {RunState.QUEUED})
    seen.exactly("/readyz when it is back", ready_again, 200)
    seen.exactly("sent again", again, TAKEN)
    seen.within("all done", took_s, 30)
    seen.exactly("a run when it is gone once more", fresh(later).state, RunState.SUCCEEDED)
    ended = sum(not member.is_alive for member in (*workers, web))
    seen.exactly("processes that ended", ended, 0)
    seen.exactly("not well", unsuccessful([*customers, newcomer]), 0)


@row(once="sqlite")
def keys_of_another(fleet: Fleet, seen: Seen) -> None:
    """Workers start with another installation's keys: no run asks Okta, the run says why, and with
    the right keys all is read."""
    customer = Customer(fleet.okta)
    wrong = fleet.home / "wrong.json"
    if not wrong.exists():
        LocalKeyring.create(wrong)
    workers = fleet.hire_odd_workers(KEYRING_FILE=str(wrong))

    run = customer.queue()
    wait_until("the end of the run", lambda: not fresh(run).is_live)
    asked = customer.calls()
    at_once(Member.kill, workers)
    at_once(Member.start, fleet.workers)
    run_queue(tenant=customer.tenant, kind=RunKind.SYNC, trigger=Trigger.OPERATOR)
    wait_for_rest([customer])

    seen.exactly("the run", f"{fresh(run).state} {fresh(run).error_code}", "failed seal_broken")
    seen.exactly("asked of Okta", asked, 0)
    seen.exactly("items with the right keys", customer.items(), customer.apps)
    state = Tenant.objects.get(pk=customer.tenant.pk).state
    seen.exactly("tenant in the end", state, "connected")


@row(once="sqlite")
def log_full(fleet: Fleet, seen: Seen) -> None:
    """The disk of all logs is full: workers, beat and web live on and work."""
    _without_log(fleet, seen, "exec >/dev/full 2>&1")


@row(once="sqlite")
def log_closed(fleet: Fleet, seen: Seen) -> None:
    """Standard output and error are closed: workers, beat and web live on and work."""
    _without_log(fleet, seen, "exec >&- 2>&-")


def _without_log(fleet: Fleet, seen: Seen, redirect: str) -> None:
    mute = fleet.hire(*fleet.mute_members(redirect))
    customers = slow_customers(fleet, 4, pages=2)
    browser = Browser(fleet, newcomer := Customer(fleet.okta, connected=False))
    for customer in customers:
        customer.queue()
    sent, _ = browser.submit()
    browser.get("/no-such-page")
    browser.close()
    took_s = wait_for_rest([*customers, newcomer])
    drained_s = max(at_once(Member.terminate, mute))

    seen.exactly("sent", sent, TAKEN)
    seen.within("all done", took_s, 30)
    seen.within("ended when told", drained_s, 30)
    seen.exactly("items missing or doubled", items_missing([*customers, newcomer]), 0)
    seen.exactly("not well", unsuccessful([*customers, newcomer]), 0)


@row(once="sqlite", not_on={"sqlite": _NO_MAIL, "postgres": _NO_MAIL})
def mail_away(fleet: Fleet, seen: Seen) -> None:
    """The mail server is away: an invitation is not lost."""


@row()
def backup_restored(fleet: Fleet, seen: Seen) -> None:
    """The database is put back to a time before two secrets were replaced, with three runs under
    way: those end well, and each old secret is refused once, not again and again."""
    under_way = slow_customers(fleet, 3, pages=4)
    rotated = [Customer(fleet.okta) for _ in range(2)]
    for customer in under_way:
        customer.queue()
    wait_until("page 2", lambda: all(customer.pages_read() >= 2 for customer in under_way))
    with fleet.at_rest():
        fleet.database.back_up()
    wait_for_rest(under_way)
    for customer in rotated:
        _replace_secret(customer)
    wait_for_rest(rotated)

    with fleet.at_rest():
        fleet.database.restore()
        fleet.redis.client.flushall()
    before = [_tokens_asked(customer) for customer in rotated]
    for customer in rotated:
        customer.queue()
    took_s = wait_for_rest([*under_way, *rotated])
    time.sleep(3)
    asked = [_tokens_asked(c) - b for c, b in zip(rotated, before, strict=True)]
    states = {Tenant.objects.get(pk=customer.tenant.pk).state for customer in rotated}
    left = live_runs(rotated)
    for customer in rotated:
        _replace_secret(customer)
    wait_for_rest(rotated)

    seen.within("all done", took_s, 60)
    seen.exactly("items of what was under way", items_missing(under_way), 0)
    seen.exactly("not well of it", unsuccessful(under_way), 0)
    seen.exactly("tenants of old secrets", states, {"attention"})
    seen.exactly("tokens asked for with them", asked, [1, 1])
    seen.exactly("their runs left", left, 0)
    states = {Tenant.objects.get(pk=customer.tenant.pk).state for customer in rotated}
    seen.exactly("after a new one", states, {"connected"})


def _replace_secret(customer: Customer) -> None:
    secret = customer.do("rotate_secret")
    customer.do("expire_tokens")
    connection_submit(
        tenant=customer.tenant,
        host=customer.host,
        client_id=customer.org["client_id"],
        client_secret=Secret(secret),
        via="setup link",
    )


def _tokens_asked(customer: Customer) -> int:
    return sum(path == "/oauth2/v1/token" for _, path, _ in customer.do("requests"))

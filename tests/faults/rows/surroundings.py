"""What lies around the processes: clocks, keys, logs, mail."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from django.utils import timezone

from oin_service.ports import LOOPBACK, free_port
from oin_service.processes import ChildDied
from tenants.choices import RunState
from tenants.connections.submissions import connection_submit
from tenants.models import Mail, Run, Tenant
from tenants.outbox.writing import mail_write
from tenants.vault.ringfile import ring_create
from tenants.vault.secret import Secret
from tests.faults.browser import TAKEN, Browser
from tests.faults.customer import (
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
from tests.faults.mail_server import mail_server
from tests.faults.member import Member
from tests.faults.odd_worker import CLOCK_S
from tests.faults.row import Seen, row

PAGES = 3


@row(once="postgres")
def clocks_ten_minutes_off(fleet: Fleet, seen: Seen) -> None:
    """One worker's clock is ten minutes ahead, the other's behind: each tenant needs one token, a
    429 is waited for as long as told, and every item is there."""
    at_once(Member.kill, fleet.workers)
    clocks = {"ahead": "600", "behind": "-600"}
    fleet.hire(*[fleet.odd_worker(name, **{CLOCK_S: by}) for name, by in clocks.items()])
    customers = [Customer(fleet.okta, pages=PAGES) for _ in range(8)]
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
    """The key file is gone when workers and web start, and once more later: workers do not start,
    pages take no secret, runs wait, and all is done when it is back."""
    customers = [Customer(fleet.okta) for _ in range(3)]
    browser = Browser(fleet, newcomer := Customer(fleet.okta, connected=False))
    keys = fleet.home / "keys-of-the-row.json"
    at_once(Member.kill, fleet.workers)
    refused = _refuses_to_start(fleet, keys)
    web = fleet.hire_odd_web(KEYRING_FILE=str(keys))

    ready = browser.get("/readyz")
    sent, _ = browser.submit()
    kept = newcomer.tenant.credentials.count()
    runs = [customer.queue() for customer in customers]
    _copy_keys(fleet, keys)
    workers = fleet.hire(fleet.worker("with-keys", KEYRING_FILE=str(keys)))
    again, _ = browser.submit()
    ready_again = browser.get("/readyz")
    took_s = wait_for_rest([*customers, newcomer])
    keys.unlink()
    later = customers[0].queue()
    time.sleep(5)
    failed = fresh(later).state in {RunState.FAILED, RunState.ERRORED}
    _copy_keys(fleet, keys)
    Run.objects.filter(pk=later.pk).update(not_before=timezone.now())
    wait_for_rest(customers)
    browser.close()
    keys.unlink()

    seen.exactly("a worker refused to start", refused, True)
    seen.exactly("/readyz", ready, 503)
    seen.at_most("sent and taken", int(sent == TAKEN), 0)
    seen.facts.append(f"answer to sending {sent}")
    seen.exactly("kept of it", kept, 0)
    seen.exactly("/readyz when it is back", ready_again, 200)
    seen.exactly("sent again", again, TAKEN)
    seen.within("all done", took_s, 30)
    seen.exactly("failed when it was gone once more", failed, False)
    ended = sum(not member.is_alive for member in (*workers, web))
    seen.exactly("processes that ended", ended, 0)
    seen.exactly("not well", unsuccessful([*customers, newcomer]), 0)
    seen.exactly("runs", len({fresh(run).state for run in runs}), 1)


@row(once="sqlite")
def keys_of_another(fleet: Fleet, seen: Seen) -> None:
    """Workers and web start with another installation's keys: workers refuse to, pages take no
    secret, nothing is asked of Okta, and with the right keys all is read."""
    customer = Customer(fleet.okta)
    browser = Browser(fleet, newcomer := Customer(fleet.okta, connected=False))
    wrong = fleet.home / "keys-of-another.json"
    if not wrong.exists():
        ring_create(wrong)
    at_once(Member.kill, fleet.workers)
    run = customer.queue()

    refused = _refuses_to_start(fleet, wrong)
    fleet.hire_odd_web(KEYRING_FILE=str(wrong))
    ready = browser.get("/readyz")
    sent, _ = browser.submit()
    kept = newcomer.tenant.credentials.count()
    asked = customer.calls()
    at_once(Member.start, fleet.workers)
    took_s = wait_for_rest([customer])
    browser.close()

    seen.exactly("a worker refused to start", refused, True)
    seen.exactly("/readyz", ready, 503)
    seen.at_most("sent and taken", int(sent == TAKEN), 0)
    seen.facts.append(f"answer to sending {sent}")
    seen.exactly("kept of it", kept, 0)
    seen.exactly("asked of Okta", asked, 0)
    seen.within("all done with the right keys", took_s, 15)
    seen.exactly("the run", fresh(run).state, RunState.SUCCEEDED)
    seen.exactly("items", customer.items(), customer.apps)


def _refuses_to_start(fleet: Fleet, keys: Path) -> bool:
    """Whether a worker with these keys ends at once, with a sentence."""
    try:
        fleet.hire(fleet.worker("without-keys", KEYRING_FILE=str(keys)))
    except ChildDied as died:
        return "This worker does not start." in str(died)
    return False


def _copy_keys(fleet: Fleet, to: Path) -> None:
    to.touch(mode=0o600)
    to.write_bytes(Path(fleet.env["KEYRING_FILE"]).read_bytes())


@row(once="sqlite")
def log_full(fleet: Fleet, seen: Seen) -> None:
    """The disk of all logs is full: workers, beat and web start, work, and end when told."""
    _without_log(fleet, seen, "/dev/full", lambda: None)


@row(once="sqlite")
def log_reader_gone(fleet: Fleet, seen: Seen) -> None:
    """Whoever reads the log goes away, so that each line of it is a broken pipe: workers, beat and
    web go on, and end when told."""
    pipe = fleet.home / "log-pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    _without_log(fleet, seen, str(pipe), lambda: os.close(reader))


def _without_log(fleet: Fleet, seen: Seen, log: str, cut: Callable[[], None]) -> None:
    """``cut`` takes effect when the first runs are under way."""
    mute = fleet.hire(*fleet.mute_members(log))
    customers = slow_customers(fleet, 4, pages=2)
    browser = Browser(fleet, newcomer := Customer(fleet.okta, connected=False))
    for customer in customers:
        customer.queue()
    wait_until("page 1", lambda: all(customer.pages_read() for customer in customers))
    cut()
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


@row(once="sqlite")
def mail_away(fleet: Fleet, seen: Seen) -> None:
    """The mail server is away when three mails are due: work goes on as ever, and when it is back
    each is sent once."""
    port = free_port()
    fleet.hire_odd_workers(EMAIL_URL=f"smtp://{LOOPBACK}:{port}")
    customer = Customer(fleet.okta)
    mails = [
        mail_write(
            to="it@customer.example",
            template="old_secret",
            tenant=customer.tenant,
            days=days,
            advised_days=90,
        )
        for days in (60, 90, 120)
    ]
    ours = Mail.objects.filter(pk__in=[mail.pk for mail in mails])

    wait_until("a failure to send", ours.exclude(error="").exists)
    customer.queue()
    took_s = wait_for_rest([customer])
    sent_meanwhile = ours.exclude(sent_at=None).count()
    with mail_server(port) as taken:
        # The next try is a minute off, and then further.
        ours.update(not_before=timezone.now())
        wait_until("all mails sent", lambda: not ours.filter(sent_at=None).exists())
        time.sleep(3)

    seen.exactly("sent while it was away", sent_meanwhile, 0)
    seen.within("a run meanwhile", took_s, 15)
    seen.exactly("mails that came", len(taken), len(mails))
    seen.exactly("different ones", len(set(taken)), len(mails))


@row(once="postgres")
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

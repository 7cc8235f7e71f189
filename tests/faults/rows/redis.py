"""Redis goes away, forgets, freezes and fills up."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tenants.choices import RunState
from tests.faults.browser import TAKEN, Browser
from tests.faults.customer import (
    Customer,
    endings,
    fresh,
    items_missing,
    live_runs,
    pages_read,
    slow_customers,
    unsuccessful,
    wait_for_rest,
)
from tests.faults.fleet import Fleet, wait_until
from tests.faults.row import Seen, row
from tests.faults.seed import chance

AWAY_S = 5.0
LOOKS = 10
#: What a page may take longer than before, on a machine that does many things at once.
NOISE_S = 0.5


@row(once="sqlite")
def redis_flushed(fleet: Fleet, seen: Seen) -> None:
    """FLUSHALL with 40 runs queued and some running: all are done, and nobody is signed out."""
    customers = [Customer(fleet.okta) for _ in range(40)]
    for customer in customers:
        customer.do("set", field="delay_s", value=0.3)
    browser = Browser(fleet, invited := Customer(fleet.okta, connected=False))
    for customer in customers:
        customer.queue()
    wait_until("the first runs", lambda: endings(customers).get(RunState.SUCCEEDED, 0) > 5)

    left = live_runs(customers)
    fleet.redis.client.flushall()
    took_s = wait_for_rest(customers)

    seen.facts.append(f"{left} runs live when flushed")
    seen.within("all done", took_s, 60)
    seen.exactly("items missing or doubled", items_missing(customers), 0)
    seen.exactly("not well", unsuccessful(customers), 0)
    seen.exactly("page of a session", browser.look()[0], 200)
    seen.exactly("sent by it", browser.submit()[0], TAKEN)
    wait_for_rest([invited])
    browser.close()


@row(once="sqlite")
def redis_killed(fleet: Fleet, seen: Seen) -> None:
    """Redis killed for 5 s: pages answer as before, secrets are taken in, and within 30 s of its
    return all is done."""
    with _without_redis(fleet, seen, fleet.redis.kill, fleet.redis.start):
        time.sleep(AWAY_S)


@row(once="sqlite")
def redis_frozen(fleet: Fleet, seen: Seen) -> None:
    """Redis frozen for 5 s: pages answer as before, secrets are taken in, and within 30 s of its
    return all is done."""
    with _without_redis(fleet, seen, fleet.redis.freeze, fleet.redis.thaw):
        time.sleep(AWAY_S)


@row(once="sqlite")
def redis_flapping(fleet: Fleet, seen: Seen) -> None:
    """Redis restarted five times in 9 s: pages answer as before, secrets are taken in, and within
    30 s all is done."""
    with _without_redis(fleet, seen, fleet.redis.kill, fleet.redis.start):
        for _ in range(4):
            fleet.redis.start()
            time.sleep(1)
            fleet.redis.kill()
            time.sleep(1)


@row(once="sqlite")
def redis_full(fleet: Fleet, seen: Seen) -> None:
    """Redis full for 5 s, where it evicts nothing: no process ends, and within 30 s of the relief
    all is done."""
    pids = _pids(fleet)
    with _without_redis(
        fleet, seen, lambda: _set_memory(fleet, "1"), lambda: _set_memory(fleet, "256mb")
    ):
        time.sleep(AWAY_S)
    seen.exactly("processes that ended", len(pids - _pids(fleet)), 0)


@row(once="postgres")
def redis_read_only(fleet: Fleet, seen: Seen) -> None:
    """Redis a read-only replica for 5 s, as in a failover: no process ends, and within 30 s all
    is done."""
    pids, client = _pids(fleet), fleet.redis.client
    with _without_redis(
        fleet,
        seen,
        lambda: client.replicaof("127.0.0.1", "1"),
        lambda: client.replicaof("NO", "ONE"),
    ):
        time.sleep(AWAY_S)
    seen.exactly("processes that ended", len(pids - _pids(fleet)), 0)


@row(once="sqlite")
def redis_evicts(fleet: Fleet, seen: Seen) -> None:
    """Half of all locks, tokens and budgets vanish every second in the middle of eight runs: each
    asks for one more token for each time at most, no page is read twice, and all is done."""
    random, client = chance("redis-evicts"), fleet.redis.client
    customers = slow_customers(fleet, 8, pages=4)
    runs = [customer.queue() for customer in customers]

    evicted = sweeps = 0
    while live_runs(customers):
        keys = [key for key in client.scan_iter() if client.type(key) != b"list"]
        gone = [key for key in keys if random.random() < 0.5]
        evicted += int(client.delete(*gone)) if gone else 0
        sweeps += 1
        time.sleep(1)

    seen.facts.append(f"{evicted} keys evicted")
    seen.at_most("most tokens of a run", max(fresh(run).token_count for run in runs), 1 + sweeps)
    seen.exactly("pages read", pages_read(customers), 8 * 4)
    seen.exactly("items missing or doubled", items_missing(customers), 0)
    seen.exactly("not well", unsuccessful(customers), 0)


@contextmanager
def _without_redis(
    fleet: Fleet, seen: Seen, leave: Callable[[], object], come_back: Callable[[], object]
) -> Iterator[None]:
    """Four slow runs are under way and three admins come in while Redis is away."""
    customers = slow_customers(fleet, 4, pages=4)
    newcomers = [Customer(fleet.okta, connected=False) for _ in range(3)]
    browsers = [Browser(fleet, customer) for customer in newcomers]
    before_s = _slowest(browsers)
    for customer in customers:
        customer.queue()
    wait_until("page 1", lambda: all(customer.pages_read() for customer in customers))

    leave()
    began = time.monotonic()
    taken = [browser.submit() for browser in browsers]
    during_s = _slowest(browsers)
    yield
    away_s = time.monotonic() - began
    come_back()
    took_s = wait_for_rest([*customers, *newcomers])
    for browser in browsers:
        browser.close()

    seen.facts.append(f"away {away_s:.0f} s")
    seen.within("slowest page", during_s, round(before_s + NOISE_S, 1))
    seen.within("slowest sending", max(spent for _, spent in taken), round(before_s + NOISE_S, 1))
    seen.exactly("sent and taken", [status for status, _ in taken].count(TAKEN), len(taken))
    seen.within("all done after it", took_s, 30)
    seen.at_most("pages read", pages_read(customers), 4 * 4)
    seen.exactly("items missing or doubled", items_missing([*customers, *newcomers]), 0)
    seen.exactly("not well", unsuccessful([*customers, *newcomers]), 0)


def _slowest(browsers: list[Browser]) -> float:
    return max(browser.look()[1] for browser in browsers for _ in range(LOOKS))


def _set_memory(fleet: Fleet, size: str) -> None:
    fleet.redis.client.config_set("maxmemory", size)


def _pids(fleet: Fleet) -> set[int]:
    return {member.pid for member in fleet.members if member.is_alive}

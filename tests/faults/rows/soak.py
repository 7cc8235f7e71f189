"""Everything at once, by chance."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from random import Random
from typing import Self

from tenants.actions.catalogue import TRACES
from tenants.choices import LIVE_RUN_STATES, RunKind
from tenants.connections.submissions import connection_submit
from tenants.errors import RunAlreadyLive
from tenants.models import Resource, Run
from tenants.vault.secret import Secret
from tests.faults.changes import let_change, queue_changes, tally
from tests.faults.customer import Customer, pages_read, unsuccessful, wait_for_rest
from tests.faults.fleet import Fleet
from tests.faults.member import Member
from tests.faults.row import Seen, row
from tests.faults.seed import chance, seed

READERS, WRITERS, NEWCOMERS = 12, 8, 4
PAGES = 3
KILLS = 40
#: Between two kills: enough for somebody to get on with something.
CALM_S = (0.2, 0.9)
CREATIONS, SWITCHES = 2, 1
FLUSHED = "Redis flushed"


@row(once="postgres")
def soak(fleet: Fleet, seen: Seen) -> None:
    """40 kills, freezes and ends of workers, beat, web and Redis by chance, while 24 tenants
    connect, are synced again and again, change by themselves and are changed by us: every item is
    there once, and by the orgs' ledgers no change is missing or made twice."""
    random = chance("soak")
    readers, writers = _customers(fleet, READERS), _customers(fleet, WRITERS)
    newcomers = _customers(fleet, NEWCOMERS, connected=False)
    everybody = [*readers, *writers, *newcomers]
    for customer in everybody:
        customer.do("set", field="delay_s", value=0.5)
    for writer in writers:
        let_change(writer)
    for newcomer in newcomers:
        _connect(newcomer)

    with _Storm(fleet, random) as storm:
        while storm.kills < KILLS:
            _ask_for_syncs([*readers, *writers])
            _ask_for_changes(writers)
            _change(random.choice([*readers, *newcomers]), random)
            storm.strike()
            time.sleep(random.uniform(*CALM_S))
    took_s = wait_for_rest(everybody)
    _ask_for_syncs(everybody)
    wait_for_rest(everybody)

    runs = Run.objects.filter(tenant__in=[each.tenant for each in everybody])
    syncs = runs.filter(kind=RunKind.SYNC)
    claims = sum(syncs.values_list("fence", flat=True))
    made, found = runs.filter(kind=RunKind.APPLY).count(), tally(writers)
    seen.facts.append(f"seed {seed()}, {storm.told()}")
    seen.facts.append(f"{runs.count()} runs, {claims} claims of {syncs.count()} syncs")
    seen.within("all done after it", took_s, 60)
    seen.exactly("tenants with other items", sum(_differs(each) for each in everybody), 0)
    seen.exactly("not well", unsuccessful(everybody), 0)
    seen.at_most("pages read", pages_read(everybody), syncs.count() * PAGES + claims)
    seen.facts.append(f"{made * (CREATIONS + SWITCHES)} changes")
    seen.exactly("missing", found.missing, 0)
    seen.exactly("doubled", found.doubled, 0)
    seen.exactly("not made", found.unmade, 0)
    seen.exactly("not asked for", found.unasked, 0)
    seen.exactly("seen by others' orgs", sum(_changes(c) for c in (*readers, *newcomers)), 0)


def _customers(fleet: Fleet, count: int, *, connected: bool = True) -> list[Customer]:
    return [Customer(fleet.okta, pages=PAGES, connected=connected) for _ in range(count)]


class _Storm:
    """Strikes a process after the other, and has it started again beside us."""

    def __init__(self, fleet: Fleet, random: Random) -> None:
        self._fleet, self._random = fleet, random
        self._hands = ThreadPoolExecutor(8)
        self._healing: dict[str, Future[None]] = {}
        self._done: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for healing in self._healing.values():
            healing.result()
        self._hands.shutdown()

    @property
    def kills(self) -> int:
        """Blows to processes; to lose what Redis holds comes on top."""
        return sum(self._done.values()) - self._done[FLUSHED]

    def told(self) -> str:
        return ", ".join(f"{count} {what}" for what, count in sorted(self._done.items()))

    def strike(self) -> None:
        """One that is well; nobody, if none is."""
        worker = self._random.choice(self._fleet.workers)
        blows: list[tuple[int, str, str, Callable[[], None]]] = [
            (6, worker.name, "workers killed", lambda: _kill(worker)),
            (3, worker.name, "workers told to end", lambda: _end(worker)),
            (4, worker.name, "workers frozen", lambda: _freeze(worker, 2.0)),
            (1, "beat", "beats killed", lambda: _kill(self._fleet.beat)),
            (1, "web", "webs killed", lambda: _kill(self._fleet.web)),
            (1, "redis", FLUSHED, self._flush),
            (1, "redis", "Redis killed", self._kill_redis),
        ]
        free = [blow for blow in blows if self._is_well(blow[1])]
        if not free:
            return
        weights = [blow[0] for blow in free]
        _, name, what, do = self._random.choices(free, weights)[0]
        self._done[what] += 1
        self._healing[name] = self._hands.submit(do)

    def _is_well(self, name: str) -> bool:
        healing = self._healing.get(name)
        if healing and healing.done():
            healing.result()
        return healing is None or healing.done()

    def _flush(self) -> None:
        self._fleet.redis.client.flushall()

    def _kill_redis(self) -> None:
        self._fleet.redis.kill()
        time.sleep(0.5)
        self._fleet.redis.start()


def _kill(member: Member) -> None:
    member.kill()
    member.start()


def _end(member: Member) -> None:
    member.terminate()
    member.start()


def _freeze(member: Member, seconds: float) -> None:
    member.freeze()
    time.sleep(seconds)
    member.thaw()


def _connect(customer: Customer) -> None:
    connection_submit(
        tenant=customer.tenant,
        host=customer.host,
        client_id=customer.org["client_id"],
        client_secret=Secret(customer.org["client_secret"]),
        via="setup link",
    )


def _ask_for_syncs(customers: list[Customer]) -> None:
    for customer in _without(RunKind.SYNC, customers):
        with suppress(RunAlreadyLive):
            customer.queue()


def _ask_for_changes(customers: list[Customer]) -> None:
    for customer in _without(RunKind.APPLY, customers):
        queue_changes(customer, creations=CREATIONS, switches=SWITCHES)


def _without(kind: RunKind, customers: list[Customer]) -> list[Customer]:
    live = Run.objects.filter(state__in=LIVE_RUN_STATES, kind=kind)
    busy = set(live.values_list("tenant_id", flat=True))
    return [customer for customer in customers if customer.tenant.pk not in busy]


def _change(customer: Customer, random: Random) -> None:
    """Remove an app of this org, or give one another name."""
    app = random.choice(customer.do("list", kind="app"))
    if random.random() < 0.5:
        customer.do("remove", kind="app", id=app["id"])
    else:
        customer.do("rename_app", id=app["id"], label=f"renamed {random.randrange(10**6)}")


def _differs(customer: Customer) -> bool:
    """Whether the mirror has other apps than the org, or one under another name, or one twice."""
    there = sorted((app["id"], app["label"]) for app in customer.do("list", kind="app"))
    mirrored = Resource.objects.filter(tenant=customer.tenant, kind="app", removed_at=None)
    return sorted(mirrored.values_list("okta_id", "label")) != there


def _changes(customer: Customer) -> int:
    return sum(entry["operation"] in TRACES for entry in customer.do("ledger"))

"""Rate budgets shared by all workers through Redis, and what to do while Redis is away."""

import hmac
import logging
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import cast
from uuid import UUID

from redis import Redis
from redis.exceptions import RedisError

from tenants import figures
from tenants.broker import scripts
from tenants.okta.answers import Answer
from tenants.okta.budgets import (
    BUSY,
    CROWDED_S,
    DOUBT_S,
    LEASE_S,
    PLACES,
    ROUNDING_S,
    WANTED_S,
    WINDOW_S,
    Ledger,
    LocalBudget,
    Sent,
    jittered,
    new_lease,
)
from tenants.okta.limits import SHARE, UNTOLD_LIMIT, Lesson, allowance, lesson_of
from tenants.okta.operations import Bucket
from tenants.vault.framing import framed

logger = logging.getLogger(__name__)

#: While Redis is away each process takes this part of our share and sends one request at a time:
#: nobody knows how many of them there are.
ALONE_PART = 0.25
ALONE_PLACES = 1
MAX_LEDGERS = 1024
#: Hexadecimal digits by which a place tells whose it is.
HOLDER_LENGTH = 16
#: A Redis that hangs costs one time-out in so many seconds, not one per request.
AWAY_S = 5.0


class SharedLedger:
    """What `Ledger` does, for all processes: one round trip each. Safe for threads.

    ``keys`` are the three of `tenants.broker.scripts`. While Redis is away it does nothing.
    """

    def __init__(self, redis: Redis, share: float, clock: Callable[[], float]) -> None:
        self._redis = redis
        self._share = share
        self._clock = clock
        self._ask = redis.register_script(scripts.ASK)
        self._settle = redis.register_script(scripts.SETTLE)
        self._lock = threading.Lock()
        self._away_until: float | None = None

    def ask(self, keys: list[str], lease: str, interactive: bool) -> float | None:
        """As `Ledger.ask`; None while Redis is away."""
        untold = allowance(UNTOLD_LIMIT, self._share).of(interactive=interactive)
        args: list[str | int] = [
            "every" if interactive else "background",
            untold,
            lease,
            int(interactive),
            _ms(LEASE_S),
            _ms(WINDOW_S),
            PLACES,
            _ms(WANTED_S),
        ]
        wait_ms = self._asking(lambda: self._ask(keys=keys, args=args))
        if not isinstance(wait_ms, int):
            return None
        return BUSY if wait_ms == scripts.NO_PLACE else wait_ms / 1000

    def settle(self, keys: list[str], lease: str, lesson: Lesson, took_s: float) -> None:
        ours = allowance(lesson.limit, self._share) if lesson.limit is not None else None
        args: list[str | int] = [
            lease,
            _ms(took_s),
            ours.every if ours else "",
            ours.background if ours else "",
            _ms(lesson.ends_in_s),
            _ms(lesson.hold_s),
            _ms(CROWDED_S if lesson.crowded else 0),
            _ms(ROUNDING_S),
            _ms(DOUBT_S),
        ]
        self._asking(lambda: self._settle(keys=keys, args=args))

    def give_up(self, places: str, holder: str) -> None:
        """Give back the places of ``holder``: whoever took them for it has died."""
        self._asking(lambda: self._give_up(places, holder.encode()))

    def _give_up(self, places: str, holder: bytes) -> None:
        taken = cast("list[bytes]", self._redis.zrange(places, 0, -1))
        if left_behind := [lease for lease in taken if lease.startswith(holder)]:
            self._redis.zrem(places, *left_behind)

    def _asking(self, command: Callable[[], object]) -> object:
        if self._away_until is not None and self._clock() < self._away_until:
            return None
        try:
            answer = command()
        except RedisError as exc:
            self._gone(exc)
            return None
        self._back()
        return answer

    def _gone(self, error: RedisError) -> None:
        with self._lock:
            known, self._away_until = self._away_until, self._clock() + AWAY_S
        if known is None:
            logger.warning("Redis is away, each process keeps to itself: %s", type(error).__name__)

    def _back(self) -> None:
        with self._lock:
            known, self._away_until = self._away_until, None
        if known is not None:
            logger.info("Redis is back, rate budgets are shared again")


class SharedBudget:
    """The budget of one tenant, never without an answer: ``alone`` serves while Redis is away."""

    def __init__(
        self,
        ledger: SharedLedger,
        name: str,
        interactive: bool,
        alone: LocalBudget,
        clock: Callable[[], float],
        holder: str = "",
    ) -> None:
        self._ledger = ledger
        self._name = name
        self._holder = holder
        self._heir = holder != ""
        self._interactive = interactive
        self._alone = alone
        self._clock = clock
        #: None for a request that got leave while Redis was away.
        self._sent: dict[Bucket, list[Sent | None]] = defaultdict(list)

    def ask(self, bucket: Bucket) -> float:
        self._inherit()
        sent = Sent(self._holder + new_lease(), self._clock())
        wait_s = self._ledger.ask(self._keys(bucket), sent.lease, self._interactive)
        if wait_s is None:
            return self._asked_alone(bucket)
        if wait_s == 0:
            self._sent[bucket].append(sent)
        return _told(jittered(wait_s))

    def settle(self, bucket: Bucket, answer: Answer | None) -> None:
        sent = self._sent[bucket].pop()
        if sent is None:
            self._alone.settle(bucket, answer)
            return
        took_s = self._clock() - sent.at
        self._ledger.settle(
            self._keys(bucket), sent.lease, lesson_of(answer, took_s=took_s), took_s
        )

    def _inherit(self) -> None:
        """A process that died in a request left its place taken, perhaps the only one there is."""
        if self._heir:
            self._ledger.give_up(f"{self._org}:places", self._holder)
            self._heir = False

    def _asked_alone(self, bucket: Bucket) -> float:
        wait_s = self._alone.ask(bucket)
        if wait_s == 0:
            self._sent[bucket].append(None)
        return _told(wait_s)

    @property
    def _org(self) -> str:
        return f"hub:budget:{self._name}"

    def _keys(self, bucket: Bucket) -> list[str]:
        return [f"{self._org}:{bucket.value}", f"{self._org}:places", f"{self._org}:state"]


class Budgets:
    """Those of all tenants. Make one per process and share it between threads."""

    def __init__(
        self,
        redis: Redis,
        name_key: bytes,
        share: float = SHARE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``name_key`` hides in Redis whose counts are whose."""
        self._shared = SharedLedger(redis, share, clock)
        self._name_key = name_key
        self._share = share
        self._clock = clock
        self._ledgers: OrderedDict[UUID, Ledger] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, tenant_id: UUID, *, interactive: bool, holder: UUID | None = None) -> SharedBudget:
        """``holder`` is what one process at a time works at: the next one has its places freed."""
        ledger = self._ledger_of(tenant_id)
        alone = LocalBudget(interactive=interactive, clock=self._clock, ledger=ledger)
        name, held_by = self._hidden("budget", tenant_id), ""
        if holder:
            held_by = self._hidden("holder", holder)[:HOLDER_LENGTH]
        return SharedBudget(self._shared, name, interactive, alone, self._clock, held_by)

    def _ledger_of(self, tenant_id: UUID) -> Ledger:
        with self._lock:
            ledger = self._ledgers.pop(tenant_id, None)
            ledger = ledger or Ledger(self._share * ALONE_PART, ALONE_PLACES)
            self._ledgers[tenant_id] = ledger
            if len(self._ledgers) > MAX_LEDGERS:
                self._ledgers.popitem(last=False)
            return ledger

    def _hidden(self, what: str, named: UUID) -> str:
        return hmac.digest(self._name_key, framed(what, str(named)), "sha256").hex()


def _told(wait_s: float) -> float:
    if wait_s:
        figures.budget_waits.observe(wait_s)
    return wait_s


def _ms(seconds: float) -> int:
    return round(seconds * 1000)

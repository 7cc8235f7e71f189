"""What all workers together send. Each request has a budget of its own, as in many processes."""

import itertools
import math
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from tenants.broker import scripts, service
from tenants.broker.budgets import AWAY_S, Budgets, SharedLedger
from tenants.okta.budgets import LEASE_S, PLACES, Ledger, Sent
from tenants.okta.limits import SHARE, Lesson
from tenants.okta.operations import Bucket
from tests.broker.okta import redis_at
from tests.okta.fakes import limits, reply
from tests.okta.metered import LIMITS, STEPS, TICK_S, TURNS, Clock, Traffic

ACME = UUID(int=1)
NAME_KEY = b"n" * 32
ROOMY = reply(**limits(100, 99, 60))
TIME = "redis.call('TIME')"


@pytest.fixture
def budgets(redis) -> Budgets:
    return Budgets(redis, NAME_KEY)


class RedisClock(Clock):
    """A clock that Redis reads too, through scripts that ask a key of ours for the time."""

    def __init__(self, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
        self._redis = redis
        super().__init__()
        for name in ("ASK", "SETTLE"):
            script = getattr(scripts, name)
            assert script.count(TIME) == 1
            monkeypatch.setattr(
                scripts, name, script.replace(TIME, "redis.call('LRANGE', 'clock', 0, 1)")
            )

    @property
    def now(self) -> float:
        return self._now

    @now.setter
    def now(self, now: float) -> None:
        self._now = now
        seconds = math.floor(now)
        with self._redis.pipeline() as pipeline:
            pipeline.delete("clock")
            pipeline.rpush("clock", seconds, round((now - seconds) * 1_000_000))
            pipeline.execute()


@pytest.fixture
def redis_clock(redis, monkeypatch) -> RedisClock:
    return RedisClock(redis, monkeypatch)


many = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@settings(many, max_examples=100)
@given(limit=LIMITS, steps=STEPS)
def test_no_window_of_okta_sees_more_of_all_workers_than_our_share(
    redis, redis_clock, limit, steps
):
    redis.flushdb()
    redis_clock.now = 1000.0
    budgets = Budgets(redis, NAME_KEY, clock=redis_clock)

    traffic = Traffic(redis_clock, limit, lambda who: budgets.of(ACME, interactive=who))

    traffic.play(steps)


@pytest.mark.parametrize("steps", TURNS.values(), ids=TURNS)
def test_a_request_at_the_turn_of_windows_is_counted_where_okta_may_count_it(
    redis, redis_clock, steps
):
    budgets = Budgets(redis, NAME_KEY, clock=redis_clock)

    Traffic(redis_clock, 10, lambda who: budgets.of(ACME, interactive=who)).play(steps)


class BothLedgers:
    """Asks a ledger and Redis the same, and fails when they disagree."""

    def __init__(self, redis: Redis, clock: RedisClock) -> None:
        self._clock = clock
        self._ours, self._theirs = Ledger(SHARE), SharedLedger(redis, SHARE, clock)
        self._keys = ["window", "places", "state"]
        self._in_flight: list[Sent] = []
        self._leases = map(str, itertools.count())

    def ask(self, interactive: bool) -> None:
        sent = Sent(next(self._leases), self._clock())
        wait_s = self._ours.ask(Bucket.APPS, sent.lease, interactive=interactive, now=sent.at)
        assert self._theirs.ask(self._keys, sent.lease, interactive) == wait_s
        if wait_s == 0:
            self._in_flight.append(sent)

    def settle(self, lesson: Lesson) -> None:
        if self._in_flight:
            sent, now = self._in_flight.pop(0), self._clock()
            self._ours.settle(Bucket.APPS, sent, lesson, now=now)
            self._theirs.settle(self._keys, sent.lease, lesson, now - sent.at)

    def send(self, count: int) -> None:
        for _ in range(count):
            self.ask(interactive=True)
            self.settle(Lesson(10, 40.0))

    def wait(self, seconds: float) -> None:
        self._clock.now += seconds


_lessons = st.builds(
    Lesson,
    limit=st.sampled_from([None, 1, 5, 10, 20]),
    ends_in_s=st.sampled_from([1.0, 20.0, 30.0, 59.0, 60.0, 61.0]),
)
_holds = st.builds(Lesson, hold_s=st.sampled_from([0.0, 4.0, 30.0, 45.0]), crowded=st.booleans())
_calls = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.booleans()),
        st.tuples(st.just("settle"), _lessons),
        st.tuples(st.just("settle"), _lessons),
        st.tuples(st.just("settle"), _holds),
        st.tuples(st.just("send"), st.integers(1, 8)),
        st.tuples(st.just("wait"), st.sampled_from([TICK_S, 1.0, 5.0, 20.0, 30.0, 55.0, 60.0])),
    ),
    max_size=40,
)


_NOTHING, _CROWDED = Lesson(), Lesson(hold_s=4.0, crowded=True)
_AGREED = {
    "untold once": [
        ("send", 1),
        ("ask", True),
        ("settle", _NOTHING),
        ("wait", 41.0),
        ("send", 8),
        ("wait", 41.0),
        ("send", 8),
    ],
    "nothing announced": [
        *[("ask", True), ("settle", _NOTHING)] * 3,
        ("wait", 61.0),
        ("send", 8),
    ],
    "a person waits": [
        ("ask", True),
        ("settle", Lesson(100, 40.0)),
        ("ask", False),
        ("ask", False),
        ("ask", True),
        ("settle", _NOTHING),
        ("ask", False),
        ("ask", True),
    ],
    "implausible reset": [
        ("send", 1),
        ("wait", 10.0),
        ("ask", True),
        ("settle", Lesson(10, 60.0)),
        ("send", 8),
    ],
    "shorter hold": [
        ("send", 1),
        ("ask", True),
        ("ask", True),
        ("settle", Lesson(hold_s=45.0)),
        ("settle", Lesson(hold_s=4.0)),
        ("ask", True),
    ],
    "crowded": [
        ("send", 1),
        ("ask", True),
        ("settle", _CROWDED),
        ("wait", 5.0),
        ("ask", True),
        ("ask", True),
        ("wait", 55.0),
        ("ask", True),
    ],
    "dead workers": [
        ("send", 1),
        ("ask", True),
        ("ask", True),
        ("wait", 89.0),
        ("ask", True),
        ("wait", 1.0),
        ("ask", True),
    ],
}


@pytest.mark.parametrize("calls", _AGREED.values(), ids=_AGREED)
def test_redis_agrees_on_what_is_rare(redis, redis_clock, calls):
    both = BothLedgers(redis, redis_clock)

    for name, argument in calls:
        getattr(both, name)(argument)


@settings(many, max_examples=200)
@given(calls=_calls)
def test_redis_keeps_the_same_rules_as_a_single_process(redis, redis_clock, calls):
    redis.flushdb()
    redis_clock.now = 1000.0
    both = BothLedgers(redis, redis_clock)

    for name, argument in calls:
        getattr(both, name)(argument)


def test_a_clock_of_redis_that_is_set_back_keeps_nobody_waiting_for_it(redis, redis_clock):
    redis_clock.now = 10_000.0
    budgets = Budgets(redis, NAME_KEY, clock=redis_clock)
    first, lost, other, person = (budgets.of(ACME, interactive=who) for who in (0, 0, 0, 1))
    first.ask(Bucket.APPS)
    first.settle(Bucket.APPS, ROOMY)
    other.ask(Bucket.API)
    other.settle(Bucket.API, reply(status=429, **limits(100, 0, 40)))
    assert [one.ask(Bucket.APPS) for one in (lost, other)] == [0, 0]
    assert person.ask(Bucket.APPS) > 0
    other.settle(Bucket.APPS, reply(status=429, **limits(0, 0, 60)))

    redis_clock.now -= 3600

    for bucket in (Bucket.APPS, Bucket.API):
        assert budgets.of(ACME, interactive=False).ask(bucket) == 0


def test_many_threads_never_have_more_than_two_requests_in_flight(redis_server):
    lock, in_flight, most = threading.Lock(), 0, []

    def work(_: int) -> int:
        nonlocal in_flight
        sent = 0
        with redis_at(redis_server) as redis:
            budget = Budgets(redis, NAME_KEY).of(ACME, interactive=False)
            while (wait_s := budget.ask(Bucket.APPS)) < 1:
                if wait_s > 0:
                    continue
                with lock:
                    in_flight += 1
                    most.append(in_flight)
                time.sleep(0.001)
                with lock:
                    in_flight -= 1
                budget.settle(Bucket.APPS, ROOMY)
                sent += 1
        return sent

    with ThreadPoolExecutor(8) as threads:
        sent = sum(threads.map(work, range(8)))

    assert max(most) == PLACES
    assert sent == 32


def test_what_one_worker_learns_all_know(redis):
    one, other = (Budgets(redis, NAME_KEY).of(ACME, interactive=False) for _ in range(2))
    one.ask(Bucket.APPS)

    one.settle(Bucket.APPS, reply(status=429, **limits(100, 0, 40)))

    assert 40 <= other.ask(Bucket.APPS) <= 43
    assert other.ask(Bucket.API) == 0


def test_orgs_do_not_wait_for_each_other(budgets):
    for tenant in (uuid4(), uuid4(), uuid4()):
        assert budgets.of(tenant, interactive=False).ask(Bucket.APPS) == 0


def test_only_its_owner_gives_a_place_back(budgets):
    def worker():
        return budgets.of(ACME, interactive=False)

    first = worker()
    first.ask(Bucket.APPS)
    first.settle(Bucket.APPS, ROOMY)
    for _ in range(PLACES):
        worker().ask(Bucket.APPS)

    with pytest.raises(IndexError):
        first.settle(Bucket.APPS, ROOMY)

    assert 0 < worker().ask(Bucket.APPS) < 1


def test_the_place_of_a_dead_worker_is_free_for_who_takes_its_run_over(budgets):
    run, neighbour = uuid4(), uuid4()
    budgets.of(ACME, interactive=False, holder=run).ask(Bucket.APPS)  # one at a time: none is left

    assert 0 < budgets.of(ACME, interactive=False, holder=neighbour).ask(Bucket.APPS) < 1
    assert budgets.of(ACME, interactive=False, holder=run).ask(Bucket.APPS) == 0


def test_who_holds_a_place_is_not_to_be_read_in_redis(redis, budgets):
    run = uuid4()
    budgets.of(ACME, interactive=False, holder=run).ask(Bucket.APPS)

    [places] = redis.scan_iter("*:places")

    assert len(redis.zrange(places, 0, -1)) == 1
    assert run.hex[:8].encode() not in redis.zrange(places, 0, -1)[0]


def test_every_key_ends_by_itself_and_names_nobody(redis, budgets):
    budget = budgets.of(ACME, interactive=False)
    budget.ask(Bucket.APPS)
    budget.settle(Bucket.APPS, reply(status=429, **limits(0, 0, 60)))
    budget.ask(Bucket.API)
    budgets.of(ACME, interactive=True).ask(Bucket.API)

    keys = sorted(redis.scan_iter())

    assert len(keys) == 4
    assert all(0 < redis.pttl(key) <= 300_000 for key in keys)
    assert not any(str(ACME).encode() in key or ACME.hex.encode() in key for key in keys)


def test_redis_holds_nothing_but_numbers_and_random_leases(redis, budgets):
    budget = budgets.of(ACME, interactive=False)
    budget.ask(Bucket.APPS)
    budget.settle(Bucket.APPS, ROOMY)
    budget.ask(Bucket.APPS)

    hashes = [key for key in redis.scan_iter() if redis.type(key) == b"hash"]
    [places] = [key for key in redis.scan_iter() if redis.type(key) == b"zset"]

    assert all(value.isdigit() for key in hashes for value in redis.hvals(key))
    [(lease, runs_out_ms)] = redis.zrange(places, 0, -1, withscores=True)
    assert len(bytes.fromhex(lease.decode())) == 8
    assert 0 < runs_out_ms / 1000 - time.time() <= LEASE_S


def test_a_script_that_redis_forgot_is_told_again(redis, budgets):
    budgets.of(ACME, interactive=False).ask(Bucket.APPS)
    redis.script_flush()

    assert budgets.of(ACME, interactive=False).ask(Bucket.APPS) > 0
    assert len(list(redis.scan_iter("*:places"))) == 1


def test_without_redis_a_tenth_of_the_limit_one_request_at_a_time(mortal_redis, caplog):
    clock = Clock()
    budgets = Budgets(mortal_redis.client, NAME_KEY, clock=clock)
    mortal_redis.stop()

    sent = 0
    for _ in range(40):
        one, other = (budgets.of(ACME, interactive=True) for _ in range(2))
        if one.ask(Bucket.APPS) == 0:
            sent += 1
            assert other.ask(Bucket.APPS) > 0
            one.settle(Bucket.APPS, ROOMY)

    assert sent == 10
    assert [record.getMessage() for record in caplog.records] == [
        "Redis is away, each process keeps to itself: ConnectionError"
    ]


def test_when_redis_is_back_budgets_are_shared_again(mortal_redis, caplog):
    clock = Clock()
    caplog.set_level("INFO")
    budgets = Budgets(mortal_redis.client, NAME_KEY, clock=clock)
    mortal_redis.stop()
    meanwhile = budgets.of(ACME, interactive=False)
    meanwhile.ask(Bucket.APPS)

    mortal_redis.start()
    clock.now += AWAY_S
    shared = budgets.of(ACME, interactive=False)
    shared.ask(Bucket.APPS)
    meanwhile.settle(Bucket.APPS, ROOMY)

    other_process = Budgets(mortal_redis.client, NAME_KEY)
    assert other_process.of(ACME, interactive=False).ask(Bucket.APPS) > 0
    shared.settle(Bucket.APPS, ROOMY)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_redis_lost_during_a_request_stops_nobody(mortal_redis):
    budget = Budgets(mortal_redis.client, NAME_KEY).of(ACME, interactive=False)
    budget.ask(Bucket.APPS)

    mortal_redis.stop()
    budget.settle(Bucket.APPS, ROOMY)

    assert budget.ask(Bucket.APPS) == 0


def test_a_full_redis_stops_nobody(mortal_redis):
    mortal_redis.client.config_set("maxmemory", 1)

    assert Budgets(mortal_redis.client, NAME_KEY).of(ACME, interactive=False).ask(Bucket.APPS) == 0


def test_a_redis_that_hangs_is_waited_for_once_and_then_left_alone():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = redis_at(f"redis://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.2)
        budgets = Budgets(client, NAME_KEY)
        budgets.of(ACME, interactive=False).ask(Bucket.APPS)

        began = time.perf_counter()
        budgets.of(uuid4(), interactive=False).ask(Bucket.APPS)

        assert time.perf_counter() - began < 0.1
        client.close()


def test_the_counts_of_a_process_without_redis_do_not_grow_for_ever(monkeypatch):
    monkeypatch.setattr("tenants.broker.budgets.MAX_LEDGERS", 2)
    with redis_at("redis://127.0.0.1:1") as client:
        budgets = Budgets(client, NAME_KEY)
        for number in range(5):
            budgets.of(UUID(int=number), interactive=False).ask(Bucket.APPS)

        asked = {
            number: budgets.of(UUID(int=number), interactive=False).ask(Bucket.APPS)
            for number in (4, 3, 0)
        }

    assert [number for number, wait_s in asked.items() if wait_s == 0] == [0]


@override_settings(OKTA_BUDGET_SHARE=0.1)
def test_the_service_counts_in_its_redis_with_its_own_share(redis):
    service.forget_configuration()

    for _ in range(12):
        budget = service.budget_for(ACME, interactive=True)
        if budget.ask(Bucket.APPS) == 0:
            budget.settle(Bucket.APPS, ROOMY)

    [window] = redis.scan_iter("hub:budget:*:apps")
    assert redis.hget(window, "used") == b"10"
    service.forget_configuration()

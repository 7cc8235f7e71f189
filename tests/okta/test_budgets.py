import pytest
from hypothesis import given, settings

from tenants.okta.answers import Answer
from tenants.okta.budgets import Ledger, LocalBudget
from tenants.okta.limits import SHARE
from tenants.okta.operations import Bucket
from tests.okta.fakes import limits, reply
from tests.okta.metered import LIMITS, STEPS, TURNS, Clock, Traffic

ROOMY = reply(**limits(100, 99, 60))


class Workers:
    """All who send to one org. Each request has a budget of its own, as in many processes."""

    def __init__(self):
        self.clock = Clock()
        self.ledger = Ledger(SHARE)
        self.in_flight = []

    def budget(self, interactive=False):
        return LocalBudget(interactive=interactive, clock=self.clock, ledger=self.ledger)

    def ask(self, bucket=Bucket.APPS, *, interactive=False) -> float:
        budget = self.budget(interactive)
        wait_s = budget.ask(bucket)
        if wait_s == 0:
            self.in_flight.append((budget, bucket))
        return wait_s

    def settle(self, answer: Answer | None) -> None:
        budget, bucket = self.in_flight.pop(0)
        budget.settle(bucket, answer)

    def send(self, answer=ROOMY, bucket=Bucket.APPS, *, interactive=False) -> float:
        """The wait, 0 when the request was sent and answered."""
        wait_s = self.ask(bucket, interactive=interactive)
        if wait_s == 0:
            self.settle(answer)
        return wait_s

    def sent(self, count: int, answer=ROOMY, *, interactive=False) -> int:
        """How many of ``count`` requests get leave."""
        return sum(self.send(answer, interactive=interactive) == 0 for _ in range(count))


@pytest.fixture
def workers() -> Workers:
    return Workers()


def local(clock):
    ledger = Ledger(SHARE)
    return lambda interactive: LocalBudget(interactive=interactive, clock=clock, ledger=ledger)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(limit=LIMITS, steps=STEPS)
def test_no_window_of_okta_sees_more_of_us_than_our_share(limit, steps):
    clock = Clock()

    Traffic(clock, limit, local(clock)).play(steps)


@pytest.mark.parametrize("steps", TURNS.values(), ids=TURNS)
def test_a_request_at_the_turn_of_windows_is_counted_where_okta_may_count_it(steps):
    clock = Clock()

    Traffic(clock, 10, local(clock)).play(steps)


def test_background_work_leaves_a_fifth_of_our_share_to_people(workers):
    assert workers.sent(100) == 32
    assert workers.sent(100, interactive=True) == 8
    assert workers.sent(100) == 0


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_one_request_a_window_is_sent_to_the_tightest_org(workers, limit):
    sent = 0
    for _ in range(3):
        sent += workers.sent(5, reply(**limits(limit, limit - 1, 60)))
        workers.clock.now += 64

    assert sent == 3


def test_the_wait_ends_with_oktas_window_and_a_little_later_for_each(workers):
    workers.sent(100, reply(**limits(100, 60, 20)))

    waits = [workers.send() for _ in range(20)]

    assert all(21 <= wait <= 23 for wait in waits)
    assert len(set(waits)) == 20
    workers.clock.now += 21
    assert workers.send() == 0


def test_one_request_at_a_time_until_an_answer_has_taught_us(workers):
    assert workers.ask() == 0
    assert 0.1 <= workers.ask() <= 0.5

    workers.settle(ROOMY)

    assert [workers.ask(), workers.ask()] == [0, 0]


@pytest.mark.parametrize(("interactive", "count"), [(False, 19), (True, 24)])
def test_answers_that_announce_nothing_are_taken_to_come_from_a_small_org(
    workers, interactive, count
):
    for _ in range(3):
        assert workers.sent(100, reply(), interactive=interactive) == count
        workers.clock.now += 61


def test_two_requests_at_most_are_in_flight_whatever_their_buckets(workers):
    workers.send()
    workers.send(bucket=Bucket.API)

    assert [workers.ask(), workers.ask(bucket=Bucket.API)] == [0, 0]
    assert 0.1 <= workers.ask() <= 0.5
    workers.settle(None)
    assert workers.ask() == 0


def test_a_dead_worker_keeps_its_place_for_a_minute_and_a_half(workers):
    workers.send()
    workers.ask()
    workers.ask()

    workers.clock.now += 89
    assert 0 < workers.ask() < 1
    workers.clock.now += 1
    assert workers.ask() == 0


def test_the_next_free_place_is_for_the_person_who_waits(workers):
    workers.send()
    workers.ask()
    workers.ask()
    workers.ask(interactive=True)

    workers.settle(ROOMY)

    assert workers.ask() > 0
    assert workers.ask(interactive=True) == 0


def test_a_person_who_gave_up_is_not_waited_for(workers):
    workers.send()
    workers.ask()
    workers.ask()
    workers.ask(interactive=True)
    workers.settle(ROOMY)

    workers.clock.now += 1

    assert workers.ask() == 0


def test_a_window_that_others_have_nearly_used_up_is_theirs(workers):
    workers.send(reply(**limits(100, 10, 30)))

    assert 31 <= workers.send(interactive=True) <= 33
    assert workers.send(bucket=Bucket.API) == 0
    workers.clock.now += 31
    assert workers.send() == 0


def test_a_refusal_closes_the_window_until_its_reset(workers):
    workers.send(reply(status=429, **limits(100, 0, 48)))

    assert 49 <= workers.send() <= 51


def test_a_refusal_that_says_nothing_closes_for_half_a_minute(workers):
    workers.send(reply(status=429, x_rate_limit_limit="many"))

    assert 30 <= workers.send() <= 32


def test_too_many_at_once_is_over_in_seconds_but_one_at_a_time_for_a_minute(workers):
    workers.send()
    workers.send(reply(status=429, **limits(0, 0, 60)))

    assert 0 < workers.ask() <= 7
    workers.clock.now += 5
    assert [workers.ask() == 0, workers.ask() == 0] == [True, False]
    workers.clock.now += 55
    assert workers.ask() == 0


def test_a_lower_limit_counts_at_once_and_a_higher_one_from_the_next_window(workers):
    workers.send()

    assert workers.sent(100, reply(**limits(20, 15, 60)), interactive=True) == 7
    workers.clock.now += 61
    assert workers.sent(100, ROOMY, interactive=True) == 40


def test_headers_that_always_promise_a_whole_window_do_not_open_new_ones(workers):
    sent = 0
    for _ in range(35):
        sent += workers.send() == 0
        workers.clock.now += 1

    assert sent == 32


def test_each_client_has_a_budget_of_its_own_unless_told_otherwise():
    one, other = LocalBudget(), LocalBudget()

    assert one.ask(Bucket.APPS) == 0
    assert one.ask(Bucket.APPS) > 0
    assert other.ask(Bucket.APPS) == 0

"""An org that counts as Okta does, and traffic that looks for a way around the budgets."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from hypothesis import strategies as st

from tenants.okta.answers import Answer
from tenants.okta.budgets import PLACES, Budget
from tenants.okta.limits import SHARE, allowance
from tenants.okta.operations import Bucket
from tests.okta.fakes import NOON_S

#: Exact in binary and in milliseconds: ours and Redis's arithmetic then agree to the last bit.
TICK_S = 0.125
LONGEST_EXCHANGE_S = 75.0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class OktaWindow:
    ends: float
    senders: list[str] = field(default_factory=list)

    def count(self, *senders: str) -> int:
        return sum(sender in senders for sender in self.senders)


class MeteredOrg:
    """One bucket. A window opens with the first request after the last one ended."""

    def __init__(self, clock: Clock, limit: int) -> None:
        self.limit = limit
        self.windows: list[OktaWindow] = []
        self._clock = clock

    def handle(self, sender: str) -> Answer:
        # Okta's clock is not ours, and says whole seconds only.
        now = self._clock() - 1000 + NOON_S + 0.375
        if not self.windows or now >= self.windows[-1].ends:
            self.windows.append(OktaWindow(ends=now + 60))
        window = self.windows[-1]
        window.senders.append(sender)
        used = len(window.senders)
        headers = {
            "date": formatdate(int(now), usegmt=True),
            "x-rate-limit-limit": str(self.limit),
            "x-rate-limit-remaining": str(max(0, self.limit - used)),
            "x-rate-limit-reset": str(int(window.ends)),
        }
        return Answer(429 if used > self.limit else 200, tuple(headers.items()), b"")


@dataclass
class Flight:
    budget: Budget
    sender: str
    left_at: float
    answer: Answer | None = None


class Traffic:
    """Plays steps: who asks when, when requests reach the org, and when answers come back."""

    def __init__(self, clock: Clock, limit: int, budget: Callable[[bool], Budget]) -> None:
        self.clock = clock
        self.org = MeteredOrg(clock, limit)
        self.waits: list[float] = []
        self._budget = budget
        self._flights: list[Flight] = []

    def play(self, steps: Iterable[tuple[str, Any]]) -> None:
        self.burst(1)
        for name, number in steps:
            getattr(self, name)(number)
            self.check()

    def burst(self, number: int) -> None:
        for _ in range(number):
            if self.ask(number):
                self.come_back(-1)
            self.clock.now += TICK_S

    def ask(self, number: int) -> bool:
        """Even numbers are people at a page."""
        budget = self._budget(number % 2 == 0)
        self.waits.append(budget.ask(Bucket.APPS))
        if self.waits[-1] > 0:
            return False
        sender = "background" if number % 2 else "interactive"
        self._flights.append(Flight(budget, sender, self.clock()))
        return True

    def arrive(self, number: int) -> None:
        if self._flights:
            flight = self._flights[number % len(self._flights)]
            flight.answer = flight.answer or self.org.handle(flight.sender)

    def come_back(self, number: int) -> None:
        if self._flights:
            self.arrive(number)
            flight = self._flights.pop(number % len(self._flights))
            flight.budget.settle(Bucket.APPS, flight.answer)

    def get_lost(self, number: int) -> None:
        if self._flights:
            flight = self._flights.pop(number % len(self._flights))
            flight.budget.settle(Bucket.APPS, None)

    def customer(self, number: int) -> None:
        for _ in range(number):
            self.org.handle("customer")

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.clock.now += TICK_S
            for flight in list(self._flights):
                if self.clock() - flight.left_at >= LONGEST_EXCHANGE_S:
                    self._flights.remove(flight)
                    flight.budget.settle(Bucket.APPS, None)

    def check(self) -> None:
        ours = allowance(self.org.limit, SHARE)
        window = self.org.windows[-1]
        assert window.count("background", "interactive") <= ours.every
        assert window.count("background") <= ours.background
        assert len(self._flights) <= PLACES


_numbers = st.integers(0, 5)
#: Many that end at about the end of a window, ours or Okta's.
_waits = st.sampled_from([0.125, 1, 3, 15, 22, 40, 55, 57, 59, 60, 61, 62, 63, 70])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("burst"), st.integers(1, 12)),
        st.tuples(st.just("ask"), _numbers),
        st.tuples(st.just("arrive"), _numbers),
        st.tuples(st.just("come_back"), _numbers),
        st.tuples(st.just("get_lost"), _numbers),
        st.tuples(st.just("wait"), _waits),
        st.tuples(st.just("customer"), st.integers(1, 5)),
    ),
    max_size=20,
)
LIMITS = st.sampled_from([1, 4, 5, 10])

#: Requests that Okta may count in either of two windows. Okta's first one lasts 60 s from the
#: first request, ours a second longer.
TURNS = {
    "answer lost between the two ends": [
        ("wait", 60),
        ("ask", 0),
        ("arrive", 0),
        ("get_lost", 0),
        ("burst", 12),
    ],
    "slow request": [("wait", 59), ("ask", 0), ("wait", 3), ("burst", 12), ("arrive", 0)],
    "slow request between the two ends": [
        ("wait", 59),
        ("ask", 0),
        ("wait", 1),
        ("burst", 12),
        ("arrive", 0),
    ],
    # The customer opened the window, and of two requests that see its end the later one is
    # answered first.
    "overtaken": [
        ("wait", 60),
        ("customer", 1),
        ("wait", 59.5),
        ("ask", 0),
        ("arrive", 0),
        ("wait", 1),
        ("ask", 0),
        ("come_back", 1),
        ("wait", 1),
        ("come_back", 0),
        ("wait", 3),
        ("burst", 12),
    ],
}

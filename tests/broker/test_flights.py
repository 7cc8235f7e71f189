import threading

import pytest

from tenants.broker.errors import BrokerBusy
from tenants.broker.flights import Flights


def test_the_result_is_not_kept_for_the_next_flight():
    flights, results = Flights(), iter("ab")

    assert [flights.share("k", lambda: next(results), 1) for _ in range(2)] == ["a", "b"]


def test_a_failed_flight_makes_room_for_the_next():
    flights = Flights()
    with pytest.raises(ZeroDivisionError):
        flights.share("k", lambda: 1 / 0, 1)

    assert flights.share("k", lambda: "fine", 1) == "fine"


def test_who_waits_too_long_is_told_to_come_back():
    flights, started, finish = Flights(), threading.Event(), threading.Event()

    def slow() -> bool:
        started.set()
        return finish.wait(5)

    leader = threading.Thread(target=flights.share, args=("k", slow, 1))
    leader.start()
    started.wait(5)

    with pytest.raises(BrokerBusy) as busy:
        flights.share("k", slow, 0.01)

    finish.set()
    leader.join()
    assert busy.value.retryable

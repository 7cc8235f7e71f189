"""One thread of a process does the work; the others who want the same wait for its result."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

from tenants.broker.errors import BrokerBusy

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Flights(Generic[K, V]):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_the_air: dict[K, Future[V]] = {}

    def share(self, key: K, work: Callable[[], V], wait_s: float) -> V:
        """The result of ``work``, ours or that of the thread that is at it already.

        Its exception, too, reaches everybody: a secret that Okta refuses is then tried once and
        not once per caller.

        Raises:
            BrokerBusy: the other thread was not done after ``wait_s`` seconds.
        """
        flight, ours = self._board(key)
        if not ours:
            return _landed(flight, wait_s)
        try:
            result = work()
        except BaseException as exc:
            self._land(key)
            flight.set_exception(exc)
            raise
        self._land(key)
        flight.set_result(result)
        return result

    def _board(self, key: K) -> tuple[Future[V], bool]:
        with self._lock:
            if flight := self._in_the_air.get(key):
                return flight, False
            flight = self._in_the_air[key] = Future()
            return flight, True

    def _land(self, key: K) -> None:
        # Before the result is out: whoever has seen it and asks again must get a new flight.
        with self._lock:
            del self._in_the_air[key]


def _landed(flight: Future[V], wait_s: float) -> V:
    try:
        return flight.result(wait_s)
    except TimeoutError:
        raise BrokerBusy("another thread is still fetching this token") from None

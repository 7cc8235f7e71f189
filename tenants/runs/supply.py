"""How many slices a worker may work before it has to look again whether enough is rung for."""

import time
from threading import Lock

#: What came meanwhile, or got lost, waits no longer than this for a busy worker to look again.
LASTS_S = 1.0


class Supply:
    """This process's share of the doorbells that are on their way beyond what is needed.

    Each slice uses one up. While some are left, a look would find that none needs to be sent.
    """

    def __init__(self) -> None:
        self._slices = 0
        self._until = 0.0
        self._lock = Lock()

    def holds(self, slices: int) -> None:
        with self._lock:
            self._slices, self._until = slices, time.monotonic() + LASTS_S

    def lasts(self) -> bool:
        """Whether the slice that has just ended was one of those; it is used up."""
        with self._lock:
            self._slices -= 1
            return self._slices >= 0 and time.monotonic() < self._until

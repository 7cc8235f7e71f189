"""Doing something at most every so often, in all threads of a process together."""

import threading
import time


class Seldom:
    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._not_before = 0.0
        self._lock = threading.Lock()

    def now(self) -> bool:
        """Whether it is time again. Who is told so has taken this turn."""
        with self._lock:
            at = time.monotonic()
            if at < self._not_before:
                return False
            self._not_before = at + self._every_s
            return True

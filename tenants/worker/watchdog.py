"""Whether this worker process is still of use, judged by what comes through to it."""

import threading

from tenants.runs import at_work
from tenants.runs.leases import LEASE_S

#: Steps end within a lease; a slot that stands still for twice as long never moves again.
STUCK_S = 2 * LEASE_S


class Watchdog:
    """Counts the time in which the worker was asked and did not answer.

    It asks by sending itself a message. Any message that comes through is an answer. A Redis or a
    database that is away excuses it, or workers would end in a loop for what a new start cannot
    mend; and so does a lack of free slots, since a worker that has no hand free fetches nothing.
    """

    def __init__(self, silence_s: float, slots: int) -> None:
        self._silence_s = silence_s
        self._slots = slots
        self._silent_s = 0.0
        self._lock = threading.Lock()

    def heard(self) -> None:
        """A message came through, or there is a reason why none can."""
        with self._lock:
            self._silent_s = 0.0

    def verdict(self, ran_s: float) -> str:
        """Let ``ran_s`` seconds pass in which an answer could have come.

        Returns:
            Why this process must end; '' while it need not.
        """
        if at_work.grow_still(ran_s) > STUCK_S:
            return f"a slice has not moved for {STUCK_S:g} s"
        with self._lock:
            if at_work.busy() < self._slots:
                self._silent_s += ran_s
            silent_s = self._silent_s
        return f"no message came through for {silent_s:.0f} s" if silent_s > self._silence_s else ""

"""Leave to send requests to an org, so that its own traffic never suffers from ours.

Our requests are counted in windows as Okta counts them. A window of ours ends no earlier than
Okta's, by Okta's own clock, and a request that Okta may have counted in either of two windows is
counted in both: none of Okta's windows sees more of us than our allowance.

A `Ledger` keeps these counts for one process; the scripts in ``tenants/broker/scripts.py`` keep
them for all processes by the same rules, and are changed together with it.
"""

import math
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tenants.okta.answers import Answer
from tenants.okta.limits import (
    PROMPT_S,
    SHARE,
    UNTOLD_LIMIT,
    Allowance,
    Lesson,
    allowance,
    lesson_of,
)
from tenants.okta.operations import Bucket

#: Requests in flight to one org, those of all buckets together.
PLACES = 2
#: Longer than any exchange: a place is given up only for a worker that died.
LEASE_S = 90.0
#: A window of ours until an answer tells when Okta's ends.
WINDOW_S = 61.0
#: Dates and resets are whole seconds, so what is reckoned from a pair is off by up to this.
ROUNDING_S = 2.0
#: How much later than Okta's a window of ours may end: its teller was that long on its way.
DOUBT_S = PROMPT_S + ROUNDING_S
#: After "too many at once", how long one request is sent at a time.
CROWDED_S = 60.0
#: How long the next place is kept for a person who found none.
WANTED_S = 1.0

#: What a ledger answers when no place is free: nobody knows for how long.
BUSY = -1.0
BUSY_WAIT_S = (0.1, 0.5)
#: On top of longer waits, so that all who wait for one window do not come back as one.
JITTER_S = (0.0, 2.0)

_random = secrets.SystemRandom()


class Budget(Protocol):
    """Leave to send requests to one org. One per client; not to be shared by threads."""

    def ask(self, bucket: Bucket) -> float:
        """0.0 when one request may be sent now: it is counted, and in flight until `settle`.

        Else the seconds to wait before asking again; nothing is counted then.
        """

    def settle(self, bucket: Bucket, answer: Answer | None) -> None:
        """A request that got leave is over. Learns from the headers; None when no answer came."""


class Sent(NamedTuple):
    """A request in flight: the lease of its place, and when it left by the clock of its budget."""

    lease: str
    at: float


@dataclass(slots=True)
class _Window:
    """One bucket's count. Times are seconds of the ledger's clock."""

    ends: float = -math.inf
    used: int = 0
    #: Requests whose answers do not say in which of Okta's windows they were counted.
    untold: int = 0
    #: An answer has told when Okta's window ends.
    told: bool = False
    held_until: float = -math.inf
    #: None until an answer has announced a limit.
    ours: Allowance | None = None

    def open(self, now: float, in_flight: int) -> None:
        """Start afresh, with what Okta may yet count in the new window."""
        self.used, self.untold, self.told = in_flight + self.untold, 0, False
        self.ends = now + WINDOW_S

    def learn(self, announced: Allowance, ends: float, later: bool, in_flight: int) -> None:
        if later:
            self.used, self.untold = 1 + in_flight + self.untold, 0
        if later or not self.told:
            self.ours, self.ends, self.told = announced, ends, True
        elif self.ours and announced.every < self.ours.every:
            self.ours = announced

    def is_over(self, now: float, sent_at: float, ends: float) -> bool:
        """Whether an answer that tells of ``ends`` can only speak of a later window than this."""
        earliest = sent_at + (ends - now) - ROUNDING_S
        return self.told and now >= self.ends - DOUBT_S and earliest > self.ends


class Ledger:
    """Counts and places of one org in this process. Safe for threads.

    ``now`` is any clock's seconds, as long as it is always the same clock's.
    """

    def __init__(self, share: float = SHARE, places: int = PLACES) -> None:
        self._share = share
        self._places = places
        self._lock = threading.Lock()
        self._windows: dict[Bucket, _Window] = defaultdict(_Window)
        self._leases: dict[str, float] = {}
        self._crowded_until = self._wanted_until = -math.inf

    def ask(self, bucket: Bucket, lease: str, *, interactive: bool, now: float) -> float:
        """0.0 and a place for ``lease``, `BUSY` when all are taken, else seconds to wait."""
        with self._lock:
            self._free_the_dead(now)
            window = self._windows[bucket]
            if window.held_until > now:
                return window.held_until - now
            if window.ends <= now:
                window.open(now, len(self._leases))
            ours = window.ours or allowance(UNTOLD_LIMIT, self._share)
            if window.used >= ours.of(interactive=interactive):
                return window.ends - now
            if len(self._leases) >= self._places_now(window, interactive, now):
                self._wanted_until = now + WANTED_S if interactive else self._wanted_until
                return BUSY
            window.used += 1
            self._leases[lease] = now + LEASE_S
            return 0.0

    def settle(self, bucket: Bucket, sent: Sent, lesson: Lesson, *, now: float) -> None:
        """Give the place of ``sent`` back and learn."""
        with self._lock:
            self._leases.pop(sent.lease, None)
            window = self._windows[bucket]
            window.held_until = max(window.held_until, now + lesson.hold_s)
            if lesson.crowded:
                self._crowded_until = now + CROWDED_S
            if lesson.limit is None:
                window.untold += window.ours is not None
                return
            announced, ends = allowance(lesson.limit, self._share), now + lesson.ends_in_s
            later = window.is_over(now, sent.at, ends)
            window.learn(announced, ends, later, len(self._leases))

    def _places_now(self, window: _Window, interactive: bool, now: float) -> int:
        # One at a time also until an answer has told how much this org bears.
        careful = window.ours is None or self._crowded_until > now
        places = 1 if careful else self._places
        return places - (self._wanted_until > now and not interactive)

    def _free_the_dead(self, now: float) -> None:
        for lease in [lease for lease, until in self._leases.items() if until <= now]:
            del self._leases[lease]


class LocalBudget:
    """A budget of this process alone. Those that share a ledger share its counts."""

    def __init__(
        self,
        *,
        interactive: bool = False,
        share: float = SHARE,
        clock: Callable[[], float] = time.monotonic,
        ledger: Ledger | None = None,
    ) -> None:
        """``share`` is for a ledger of its own; a given ledger has one already."""
        self._interactive = interactive
        self._clock = clock
        self._ledger = ledger or Ledger(share)
        self._sent: dict[Bucket, list[Sent]] = defaultdict(list)

    def ask(self, bucket: Bucket) -> float:
        sent = Sent(new_lease(), self._clock())
        wait_s = self._ledger.ask(bucket, sent.lease, interactive=self._interactive, now=sent.at)
        if wait_s == 0:
            self._sent[bucket].append(sent)
        return jittered(wait_s)

    def settle(self, bucket: Bucket, answer: Answer | None) -> None:
        sent, now = self._sent[bucket].pop(), self._clock()
        lesson = lesson_of(answer, took_s=now - sent.at)
        self._ledger.settle(bucket, sent, lesson, now=now)


def new_lease() -> str:
    return secrets.token_hex(8)


def jittered(wait_s: float) -> float:
    """What to tell who asked, from what a ledger answered. 0.0 stays 0.0."""
    if wait_s == BUSY:
        return _random.uniform(*BUSY_WAIT_S)
    return wait_s + _random.uniform(*JITTER_S) if wait_s else 0.0

"""Okta's rate-limit headers, and how much of what they announce is ours.

Source: Okta's rate-limit reference; windows last 60 s, ``x-rate-limit-reset`` is UTC epoch seconds.
As recorded, a window opens with the first request after the one before has ended, whoever sends it.
"""

import re
import secrets
import time
from dataclasses import dataclass

from tenants.okta.answers import Answer

#: The part of an announced limit that we use at most, unless the installation says otherwise.
SHARE = 0.4
#: The part of our share that only people waiting at a page may use.
INTERACTIVE_PART = 0.2
#: When so little of a window is left, by whoever's doing, the rest is the customer's.
RESERVE = 0.1
#: Taken for granted of a bucket whose answers announce nothing: less than most orgs announce.
UNTOLD_LIMIT = 60

TOO_MANY_REQUESTS = 429

SHORTEST_WAIT_S = 1.0
LONGEST_WAIT_S = 120.0
#: When a 429 does not say how long.
UNTOLD_WAIT_S = 30.0
#: Too many requests at once, rather than too many a minute, is over within seconds.
CONCURRENCY_WAIT_S = (1.0, 5.0)

#: The headers of a slower answer may speak of a window that is over.
PROMPT_S = 20.0

_NUMBER = re.compile(r"[0-9]{1,15}")
_random = secrets.SystemRandom()


@dataclass(frozen=True)
class Window:
    """``wait_s`` is the time until the window starts again, by Okta's own clock."""

    limit: int
    remaining: int
    wait_s: float


def read_window(answer: Answer) -> Window | None:
    """The tightest window the headers speak of, None when one is missing or no number.

    Okta repeats the headers when several limits apply to a request: the smallest counts.
    """
    limit = _smallest(answer, "x-rate-limit-limit")
    remaining = _smallest(answer, "x-rate-limit-remaining")
    reset = _smallest(answer, "x-rate-limit-reset")
    if limit == 0:  # too many at once: whatever the reset says means nothing, or is not there
        return Window(0, 0, SHORTEST_WAIT_S)
    if limit is None or remaining is None or reset is None:
        return None
    wait_s = reset - _sent_at(answer) + 1
    return Window(limit, remaining, min(max(wait_s, SHORTEST_WAIT_S), LONGEST_WAIT_S))


def wait_after_429(answer: Answer) -> float:
    """Seconds to wait after ``answer``, 1 to 120."""
    window = read_window(answer)
    if window is None:
        return UNTOLD_WAIT_S
    if window.limit == 0:  # its reset is "only a suggested value", a minute too late
        return _random.uniform(*CONCURRENCY_WAIT_S)
    return window.wait_s


@dataclass(frozen=True)
class Allowance:
    """Requests we may send in one window: all of ours, and those of background work."""

    every: int
    background: int

    def of(self, *, interactive: bool) -> int:
        return self.every if interactive else self.background


def allowance(limit: int, share: float) -> Allowance:
    """Our part of ``limit``. Never nothing: an org that announces 1 is still to be read."""
    every = max(1, int(limit * share))
    return Allowance(every, max(1, int(every * (1 - INTERACTIVE_PART))))


@dataclass(frozen=True)
class Lesson:
    """What one answer teaches about its bucket. Seconds count from the answer's arrival."""

    #: None when the answer announces nothing; ``ends_in_s`` then means nothing either.
    limit: int | None = None
    ends_in_s: float = 0.0
    #: Nobody should send anything in this bucket for so long.
    hold_s: float = 0.0
    #: The org has too many requests at once, its own included.
    crowded: bool = False


def lesson_of(answer: Answer | None, *, took_s: float = 0.0) -> Lesson:
    """``answer`` is None when none came; ``took_s`` is how long it was on its way."""
    if answer is None:
        return Lesson()
    window = read_window(answer)
    if window and window.limit == 0:
        return Lesson(hold_s=_random.uniform(*CONCURRENCY_WAIT_S), crowded=True)
    refused = answer.status == TOO_MANY_REQUESTS
    if window is None or took_s > PROMPT_S:
        return Lesson(hold_s=UNTOLD_WAIT_S if refused else 0.0)
    spent = refused or window.remaining <= window.limit * RESERVE
    return Lesson(window.limit, window.wait_s, window.wait_s if spent else 0.0)


def _smallest(answer: Answer, name: str) -> int | None:
    values = [part.strip() for line in answer.header_all(name) for part in line.split(",")]
    numbers = [int(value) for value in values if _NUMBER.fullmatch(value)]
    return min(numbers) if values and len(numbers) == len(values) else None


def _sent_at(answer: Answer) -> float:
    """When Okta answered, by its own clock: ours may be minutes off."""
    return time.time() if answer.dated_at is None else answer.dated_at

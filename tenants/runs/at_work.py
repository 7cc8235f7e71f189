"""What this process has in hand: how many slots are taken, whether the work in them moves, and
whether it is to come to an end.

Times are those during which the process ran, which the caller tells: a process that was frozen, or
whose machine slept, has not been idle meanwhile.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: Set when this process is asked to stop: slices end at their next step, and what a call would try
#: once more is left to others.
draining = threading.Event()

#: Seconds since the last step, for each thread that works at a slice, or hands over mails.
_still_s: dict[int, float] = {}
_lock = threading.Lock()


@contextmanager
def slot_taken() -> Iterator[None]:
    here = threading.get_ident()
    with _lock:
        _still_s[here] = 0.0
    try:
        yield
    finally:
        with _lock:
            _still_s.pop(here, None)  # one slice may be worked inside another


def moved() -> None:
    """The slice of this thread has got on."""
    here = threading.get_ident()
    with _lock:
        if here in _still_s:
            _still_s[here] = 0.0


def busy() -> int:
    return len(_still_s)


def grow_still(ran_s: float) -> float:
    """Let ``ran_s`` seconds pass in every slot; returns how long the stillest has not moved."""
    with _lock:
        for here in _still_s:
            _still_s[here] += ran_s
        return max(_still_s.values(), default=0.0)

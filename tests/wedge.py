"""Included by a worker that shall be wedged: ``celery … worker --include=tests.wedge``.

On SIGUSR2 the thread that takes messages stops for good, as it does after some losses of Redis.
Slots, threads and connections live on, so nothing but what no longer happens tells of it.
"""

import signal
import time
from types import FrameType

WEDGE = signal.SIGUSR2


def _stand_still(number: int, frame: FrameType | None) -> None:
    while True:
        time.sleep(60)


signal.signal(WEDGE, _stand_still)

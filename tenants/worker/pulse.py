"""The pulse of a worker process: a thread that no slice can keep from its turn.

Each time it sends a message to its own process, leaves a sign of life, frees what dead processes of
this machine held, ticks if nobody has for too long (beat may be away, and all slots of all workers
busy), and ends the process if it is stuck.
"""

import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable

from celery import current_app
from celery.utils.nodenames import worker_direct
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from kombu.exceptions import OperationalError

from tenants.runs import at_work, doorbell, engine
from tenants.runs.leases import free_the_dead
from tenants.runs.workers import SignOfLife, tick_is_overdue
from tenants.worker.watchdog import Watchdog

LONGEST_PAUSE_S = 5.0
#: How long a process that has to end waits for its slices to give their runs back.
GRACE_S = 20.0
#: What the supervisor sees of a process that ended itself ("internal software error").
EXIT_CODE = 70

logger = logging.getLogger(__name__)


class Pulse(threading.Thread):
    """One for each worker process; ``name`` is Celery's name of it, ``worker@host``.

    ``tick`` does what has to be done when beat should have rung and did not.
    """

    def __init__(self, name: str, slots: int, tick: Callable[[], None]) -> None:
        super().__init__(name="pulse", daemon=True)
        self._queue = worker_direct(name)
        self._tick = tick
        self._sign = SignOfLife(slots)
        self._watchdog = Watchdog(settings.WORKER_SILENCE_S, slots)
        self._pause_s = min(LONGEST_PAUSE_S, settings.WORKER_SILENCE_S / 6)
        self._over = threading.Event()

    def heard(self) -> None:
        """A message came through."""
        self._watchdog.heard()

    def run(self) -> None:
        ran_s = 0.0
        while True:
            began = time.monotonic()
            self._try_beat(ran_s)
            if self._over.wait(self._pause_s):
                return
            # What is beyond was not ours: the process was frozen, or its machine asleep.
            ran_s = min(time.monotonic() - began, 2 * self._pause_s)

    def end(self) -> None:
        """The process ends in good order."""
        self._over.set()
        self.join(timeout=self._pause_s)
        try:
            self._sign.end()
        except (DatabaseError, InterfaceError) as exc:
            logger.warning("no last sign of life, the database: %s", type(exc).__name__)

    def _try_beat(self, ran_s: float) -> None:
        try:
            self._beat()
        except (DatabaseError, InterfaceError) as exc:
            self._watchdog.heard()
            logger.warning("no sign of life, the database: %s", type(exc).__name__)
            return
        except Exception:  # a tick that fails each time excuses nobody
            logger.exception("the pulse missed a beat")
        if reason := self._watchdog.verdict(ran_s):
            end_process(reason)

    def _beat(self) -> None:
        close_old_connections()
        try:
            draining = engine.draining.is_set()
            redis_is_away = not (draining or self._ask())
            self._sign.give(redis_is_away=redis_is_away)
            doorbell.notice(redis_is_away=redis_is_away)
            # Ticks do it too, but for a while they may all come to other machines.
            free_the_dead()
            if draining or redis_is_away:
                self._watchdog.heard()
            else:
                self._tick_if_overdue()
        finally:
            close_old_connections()

    def _ask(self) -> bool:
        """Send ourselves a message; whether Redis has taken it."""
        try:
            # Tried once: a Redis that hangs must not keep us from giving signs of life.
            current_app.send_task("control.echo", queue=self._queue, retry=False)
        except OperationalError:
            return False
        return True

    def _tick_if_overdue(self) -> None:
        if tick_is_overdue():
            self._tick()


def end_process(reason: str) -> None:
    """End at once but for what still moves: those slices give their runs back at their next step.

    Not as Celery ends: it would wait for what is stuck.
    """
    try:
        logger.critical("this worker ends to be started anew: %s\n%s", reason, _where_all_stand())
        engine.draining.set()
        until = time.monotonic() + GRACE_S
        while at_work.busy() and time.monotonic() < until:
            time.sleep(0.1)
    finally:  # whatever else is broken
        os._exit(EXIT_CODE)


def _where_all_stand() -> str:
    """The stack of each thread: files and lines, no values."""
    stacks = sys._current_frames().values()
    return "\n".join("".join(traceback.format_stack(stack)) for stack in stacks)

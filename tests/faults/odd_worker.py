"""Included by a worker that shall have a shorter lease, another clock, or runs that kill it.

Celery imports it after the product's own modules. Real leases are longer than a row has time for,
no run of ours kills anybody, and the machine has one clock.
"""

import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from tenants.inventory.handler import SyncHandler
from tenants.runs import leases
from tenants.runs.context import RunContext
from tenants.runs.handlers import Step, register

LEASE_S, POISON, CLOCK_S = "FAULTS_LEASE_S", "FAULTS_POISON", "FAULTS_CLOCK_S"


class Poisonous(SyncHandler):
    """Syncs of one tenant end their process, as a fault in a parser or a lack of memory would."""

    def steps(self, context: RunContext) -> Iterator[Step]:
        if context.tenant.name == os.environ.get(POISON):
            os.kill(os.getpid(), signal.SIGKILL)
        yield from super().steps(context)


def _set_clock(ahead_s: float) -> None:
    """What the product asks for the time of day; the database has a clock of its own."""
    now, seconds = timezone.now, time.time
    timezone.now = lambda: now() + timedelta(seconds=ahead_s)
    time.time = lambda: seconds() + ahead_s


leases.LEASE_S = int(os.environ.get(LEASE_S, leases.LEASE_S))
register([Poisonous()])
if CLOCK_S in os.environ:
    _set_clock(float(os.environ[CLOCK_S]))

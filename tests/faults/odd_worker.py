"""Included by a worker that shall have a shorter lease, or runs that kill their process.

Celery imports it after the product's own modules. Real leases are longer than a row has time for,
and no run of ours kills anybody.
"""

import os
import signal
from collections.abc import Iterator

from tenants.inventory.handler import SyncHandler
from tenants.runs import leases
from tenants.runs.context import RunContext
from tenants.runs.handlers import Step, register

LEASE_S, POISON = "FAULTS_LEASE_S", "FAULTS_POISON"


class Poisonous(SyncHandler):
    """Syncs of one tenant end their process, as a fault in a parser or a lack of memory would."""

    def steps(self, context: RunContext) -> Iterator[Step]:
        if context.tenant.name == os.environ.get(POISON):
            os.kill(os.getpid(), signal.SIGKILL)
        yield from super().steps(context)


leases.LEASE_S = int(os.environ.get(LEASE_S, leases.LEASE_S))
register([Poisonous()])

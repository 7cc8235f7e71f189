"""Included by a worker under measurement: in place of a sync, exactly the load of a benchmark.

Celery imports it after the product's own modules. ``BENCH_CALLS`` in the environment says how many
calls a run makes; with none it does nothing at all.
"""

import os
from collections.abc import Iterator
from typing import ClassVar

from tenants.choices import RunKind
from tenants.connections.credentials import active_of
from tenants.okta import operations
from tenants.okta.operations import Operation
from tenants.runs.context import RunContext
from tenants.runs.handlers import Conclusion, Handler, Step, register

CALLS = "BENCH_CALLS"


class Load(Handler):
    kind: ClassVar[RunKind] = RunKind.SYNC
    operations: ClassVar[tuple[Operation, ...]] = (operations.LIST_APPS,)

    def steps(self, context: RunContext) -> Iterator[Step]:
        calls = int(os.environ.get(CALLS, "0"))
        if not calls:
            return
        client = context.client(active_of(context.tenant), self.scopes)
        for number in range(1, calls + 1):
            client.call(operations.LIST_APPS)
            yield Step({"at": number}, done_count=number, total_count=calls)

    def conclude(self, context: RunContext) -> Conclusion:
        return Conclusion()


register([Load()])

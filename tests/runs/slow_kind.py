"""A worker's Celery app in which a sync only sleeps and counts.

How many steps it takes, and how long each, stands in the run's ``params``.
"""

import time
from collections.abc import Iterator
from typing import ClassVar

import django

django.setup()

from oin_service.celery import app  # noqa: E402  (Django first)
from tenants.choices import RunKind  # noqa: E402
from tenants.runs import engine  # noqa: E402
from tenants.runs.context import RunContext  # noqa: E402
from tenants.runs.handlers import Conclusion, Handler, Step, register  # noqa: E402

__all__ = ["SLICE_S", "app"]

SLICE_S = 1.0


class Sleeper(Handler):
    kind: ClassVar[RunKind] = RunKind.SYNC

    def steps(self, context: RunContext) -> Iterator[Step]:
        steps, step_s = context.run.params["steps"], context.run.params["step_s"]
        for number in range(context.checkpoint.get("at", 0) + 1, steps + 1):
            time.sleep(step_s)
            yield Step({"at": number}, done_count=number, total_count=steps)

    def conclude(self, context: RunContext) -> Conclusion:
        return Conclusion()


engine.SLICE_S = SLICE_S
engine.SLICE_STEPS = 1_000_000
register([Sleeper()])

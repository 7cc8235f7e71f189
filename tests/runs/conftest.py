"""A kind of run whose work is a list of steps, in place of the real sync."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest

from tenants.choices import RunKind, TenantState, Trigger
from tenants.models import Run, Tenant
from tenants.runs.context import RunContext
from tenants.runs.handlers import Conclusion, Handler, Step, handler_for, register
from tenants.runs.queue import run_queue

Act = Callable[[RunContext], None]


@dataclass
class Script(Handler):
    """Counts to ``length``, one step each; ``before`` and ``write`` are called with the number."""

    kind: ClassVar[RunKind] = RunKind.SYNC
    length: int = 3
    before: Callable[[int], None] = lambda number: None
    write: Callable[[int], None] = lambda number: None
    refusals: list[str] = field(default_factory=list)

    def steps(self, context: RunContext) -> Iterator[Step]:
        for number in range(context.checkpoint.get("at", 0) + 1, self.length + 1):
            self.before(number)
            context.checkpoint = {"at": number}
            yield Step({"at": number}, lambda n=number: self.write(n), number, self.length)

    def conclude(self, context: RunContext) -> Conclusion:
        return Conclusion(outcome={"counted": context.checkpoint["at"]})

    def refused(self, context: RunContext, code: str) -> None:
        self.refusals.append(code)


@pytest.fixture
def script() -> Iterator[Script]:
    real = handler_for(RunKind.SYNC)
    script = Script()
    register([script])
    yield script
    register([real])


@pytest.fixture
def working(tenant: Tenant) -> Tenant:
    """A tenant that is connected, as far as the engine cares."""
    Tenant.objects.filter(pk=tenant.pk).update(state=TenantState.CONNECTED)
    tenant.refresh_from_db()
    return tenant


@pytest.fixture
def queued(working: Tenant, script: Script) -> Run:
    return run_queue(tenant=working, kind=RunKind.SYNC, trigger=Trigger.SCHEDULE)


def fresh(run: Run) -> Any:
    return Run.objects.get(pk=run.pk)

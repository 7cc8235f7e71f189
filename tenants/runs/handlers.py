"""What a kind of run has to bring, and where the engine finds it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tenants.choices import RunKind, RunState
from tenants.okta.operations import Operation, scopes_of
from tenants.runs.context import RunContext

Write = Callable[[], None]


@dataclass(frozen=True)
class Step:
    """What one piece of work learned from Okta, ready to be written.

    The network part is over when a step is yielded. ``write`` runs in the transaction that also
    stores ``checkpoint``, so a crash repeats this step or nothing.

    ``announces`` says that it only tells what is about to be done, or takes that back: it is no
    progress that would forgive earlier failures, and the slice does not end after it.
    """

    checkpoint: dict[str, Any]
    write: Write | None = None
    done_count: int | None = None
    total_count: int | None = None
    activity: str = ""
    announces: bool = False


@dataclass(frozen=True)
class Conclusion:
    """How a run ended that came to its end."""

    state: RunState = RunState.SUCCEEDED
    error_code: str = ""
    error_detail: str = ""
    outcome: dict[str, Any] = field(default_factory=dict)


class Refusal(Exception):
    """A handler's own "no" (Okta said yes, but we must not): the run fails with this code."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class Later(Exception):
    """A handler's own wish to go on only after some seconds; ``str()`` says what it waits for."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Handler(ABC):
    kind: ClassVar[RunKind]
    #: Everything this kind asks of Okta. Its token holds exactly the union of their scopes.
    operations: ClassVar[tuple[Operation, ...]] = ()
    #: Only for tenants that granted its scopes; the integration need not ask for them.
    is_optional: ClassVar[bool] = False
    #: How often a run of this kind is tried again after a passing failure, before it fails.
    patience: ClassVar[int] = 6
    #: Seconds of the first such pause; each further one doubles.
    first_pause_s: ClassVar[float] = 30
    #: Seconds that a run of this kind may wait in all for what is only busy.
    longest_wait_s: ClassVar[float] = 24 * 3600

    @property
    def scopes(self) -> frozenset[str]:
        return scopes_of(self.operations)

    @abstractmethod
    def steps(self, context: RunContext) -> Iterator[Step]:
        """Work from ``context.checkpoint`` on; yield after each piece that should be kept."""

    @abstractmethod
    def conclude(self, context: RunContext) -> Conclusion:
        """Runs in the transaction that ends the run. No network here."""

    def refused(self, context: RunContext, code: str) -> None:  # noqa: B027  (optional hook)
        """The run failed, errored or was cancelled; runs in the transaction that says so."""


class _Stranger(Handler):
    """Stands in where a run is ended whose kind this version does not know; it works none."""

    def steps(self, context: RunContext) -> Iterator[Step]:
        raise LookupError(context.run.kind)

    def conclude(self, context: RunContext) -> Conclusion:
        raise LookupError(context.run.kind)


_handlers: dict[str, Handler] = {}
_stranger = _Stranger()


def register(handlers: Iterable[Handler]) -> None:
    _handlers.update({handler.kind: handler for handler in handlers})


def handler_for(kind: str) -> Handler:
    return _handlers.get(kind, _stranger)


def known_kinds() -> frozenset[str]:
    return frozenset(_handlers)


def registered_handlers() -> tuple[Handler, ...]:
    return tuple(_handlers.values())

"""The faults that are switched on, and whose turn it is."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Generic, TypeVar

import msgspec

from tenants.sandbox.faults.fault import Fault, RequestFault
from tenants.sandbox.faults.tls import Tls
from tenants.sandbox.requests import Request
from tenants.sandbox.routes import TABLE

AFault = TypeVar("AFault", bound=Fault)


@dataclass
class _Armed(Generic[AFault]):
    """A fault with its counts: ``seen`` matched its conditions, ``hits`` met the fault."""

    number: int
    fault: AFault
    seen: int = 0
    hits: int = 0
    draws: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.draws = random.Random(self.fault.seed)  # noqa: S311 - repeatable is the point

    @property
    def spent(self) -> bool:
        return self.fault.times is not None and self.hits >= self.fault.times

    def strikes(self) -> bool:
        """Count something that matched, and say whether it is one of those to meet."""
        fault = self.fault
        self.seen += 1
        struck = (
            fault.nth in (None, self.seen)
            and (fault.every is None or self.seen % fault.every == 0)
            and (fault.share == 1 or self.draws.random() < fault.share)
        )
        self.hits += struck
        return struck

    def report(self) -> dict[str, Any]:
        left = None if self.fault.times is None else self.fault.times - self.hits
        counts = {"number": self.number, "seen": self.seen, "hits": self.hits, "left": left}
        return {**counts, "fault": msgspec.to_builtins(self.fault)}


class FaultScript:
    """Faults in the order in which they were added; the first that strikes, wins.

    Later ones then neither see nor count that request. A spent fault stays in the report.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._added = 0
        self.clear()

    def clear(self) -> None:
        """Switch every fault off and forget its counts."""
        with self._lock:
            #: Both are empty while there is nothing to look for, which then costs nothing.
            self.for_requests: list[_Armed[RequestFault]] = []
            self.for_handshakes: list[_Armed[Tls]] = []
            self._spent: list[_Armed[Any]] = []

    def add(self, fault: RequestFault | Tls) -> int:
        """Switch a fault on; returns its number in the report."""
        with self._lock:
            self._added += 1
            if isinstance(fault, Tls):
                self.for_handshakes.append(_Armed(self._added, fault))
            else:
                self.for_requests.append(_Armed(self._added, fault))
            return self._added

    def report(self) -> list[dict[str, Any]]:
        """Every fault with its counts; ``left`` is None for one that never runs out."""
        with self._lock:
            armed: list[_Armed[Any]] = [*self.for_requests, *self.for_handshakes, *self._spent]
        return [one.report() for one in sorted(armed, key=lambda one: one.number)]

    def take(self, request: Request) -> RequestFault | None:
        """The fault that this request meets, counted as a hit."""
        with self._lock:
            return self._first(self.for_requests, lambda fault: _meets(fault, request))

    def take_handshake(self, host: str) -> Tls | None:
        """The fault that a handshake for this host meets, counted as a hit."""
        with self._lock:
            return self._first(self.for_handshakes, lambda fault: fnmatchcase(host, fault.host))

    def _first(self, live: list[_Armed[AFault]], meets: Callable[[AFault], bool]) -> AFault | None:
        for armed in live:
            if meets(armed.fault) and armed.strikes():
                if armed.spent:
                    live.remove(armed)
                    self._spent.append(armed)
                return armed.fault
        return None


def _meets(fault: RequestFault, request: Request) -> bool:
    path = "/" + request.path.lstrip("/")
    return (
        fault.method in ("", request.method)
        and fnmatchcase(request.host, fault.host)
        and fnmatchcase(path, fault.path)
        and fault.operation in ("", _operation_at(request.method, path))
    )


def _operation_at(method: str, path: str) -> str | None:
    found = TABLE.find(path).get(method)
    return found[0].operation.name if found else None

"""From a method and a path to the operation they call."""

from dataclasses import dataclass
from urllib.parse import unquote

from tenants.okta.operations import OPERATIONS, Bucket, Operation
from tenants.sandbox.call import Handler
from tenants.sandbox.limits import API, APPS, ONE_APP, ROOT, TOKEN
from tenants.sandbox.operations import HANDLERS

_BUCKETS = {
    Bucket.APPS: APPS,
    Bucket.APP: ONE_APP,
    Bucket.API: API,
    Bucket.TOKEN: TOKEN,
    Bucket.OTHER: ROOT,
}


@dataclass(frozen=True)
class Route:
    operation: Operation
    handler: Handler

    @property
    def bucket(self) -> str:
        return _BUCKETS[self.operation.bucket]

    @property
    def licensed(self) -> bool:
        """Whether the org must have bought API Access Management."""
        return self.operation.path.startswith("/api/v1/authorizationServers")


ROUTES: tuple[Route, ...] = tuple(
    Route(OPERATIONS[name], handler) for name, handler in HANDLERS.items()
)


class RouteTable:
    """Finds the routes of a path."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self._by_length: dict[int, list[tuple[list[str], Route]]] = {}
        for route in routes:
            segments = route.operation.path.split("/")
            self._by_length.setdefault(len(segments), []).append((segments, route))

    def find(self, path: str) -> dict[str, tuple[Route, tuple[str, ...]]]:
        """By method, the route that answers at this path, and the ids that it reads there."""
        asked = path.split("/")
        found: dict[str, tuple[Route, tuple[str, ...]]] = {}
        for segments, route in self._by_length.get(len(asked), []):
            ids = _match(segments, asked)
            if ids is not None:
                found[route.operation.method] = route, ids
        return found


def _match(segments: list[str], asked: list[str]) -> tuple[str, ...] | None:
    ids: list[str] = []
    for segment, value in zip(segments, asked, strict=True):
        if segment.startswith("{") and value:
            ids.append(unquote(value))
        elif segment != value:
            return None
    return tuple(ids)


TABLE = RouteTable(ROUTES)

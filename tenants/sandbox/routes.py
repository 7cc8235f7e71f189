"""Every operation the sandbox answers: its path, the scope it needs, its bucket, its handler."""

from dataclasses import dataclass

from tenants.sandbox.integrations import list_integrations
from tenants.sandbox.limits import API, APPS, ONE_APP, ROOT
from tenants.sandbox.paging import Paging
from tenants.sandbox.reads import Handler, listing, single

_APPS = "/api/v1/apps"
_PUSH = "/api/v1/push-providers"
_SERVICES = "/integrations/api/v1/api-services"
_SERVERS = "/api/v1/authorizationServers"
_SERVER = _SERVERS + "/{authServerId}"
_POLICY = _SERVER + "/policies/{policyId}"


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    scope: str
    bucket: str
    handler: Handler

    @property
    def licensed(self) -> bool:
        """Whether the org must have bought API Access Management."""
        return self.path.startswith(_SERVERS)


def _app(path: str, bucket: str, handler: Handler) -> Route:
    return Route("GET", path, "okta.apps.read", bucket, handler)


def _server(path: str, handler: Handler) -> Route:
    return Route("GET", path, "okta.authorizationServers.read", API, handler)


ROUTES: tuple[Route, ...] = (
    _app(_APPS, APPS, listing("app", Paging(default=20))),
    _app(_APPS + "/{appId}", ONE_APP, single("app")),
    Route("GET", _APPS + "/{appId}/grants", "okta.appGrants.read", APPS, listing("app_grant")),
    Route("GET", _PUSH, "okta.pushProviders.read", API, listing("push_provider")),
    Route("GET", _SERVICES, "okta.oauthIntegrations.read", ROOT, list_integrations),
    _server(_SERVERS, listing("authorization_server", Paging(default=200, eager_next=True))),
    _server(_SERVER, single("authorization_server")),
    _server(_SERVER + "/policies", listing("as_policy")),
    _server(_POLICY, single("as_policy")),
    _server(_POLICY + "/rules", listing("as_rule")),
    _server(_POLICY + "/rules/{ruleId}", single("as_rule")),
    _server(_SERVER + "/scopes", listing("as_scope", Paging(default=200))),
    _server(_SERVER + "/scopes/{scopeId}", single("as_scope")),
    _server(_SERVER + "/claims", listing("as_claim")),
    _server(_SERVER + "/claims/{claimId}", single("as_claim")),
    _server(_SERVER + "/credentials/keys", listing("as_key")),
    _server(_SERVER + "/credentials/keys/{keyId}", single("as_key")),
)


class RouteTable:
    """Finds the route of a path. Literal segments win over ids."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self._by_length: dict[int, list[tuple[list[str], Route]]] = {}
        for route in routes:
            segments = route.path.split("/")
            self._by_length.setdefault(len(segments), []).append((segments, route))

    def find(self, path: str) -> tuple[dict[str, Route], tuple[str, ...]]:
        """The routes of a path by method, and the ids in it; both empty for an unknown path."""
        asked = path.split("/")
        routes: dict[str, Route] = {}
        ids: tuple[str, ...] = ()
        for segments, route in self._by_length.get(len(asked), []):
            matched = _match(segments, asked)
            if matched is not None:
                routes[route.method], ids = route, matched
        return routes, ids


def _match(segments: list[str], asked: list[str]) -> tuple[str, ...] | None:
    ids: tuple[str, ...] = ()
    for segment, value in zip(segments, asked, strict=True):
        if segment.startswith("{") and value:
            ids = (*ids, value)
        elif segment != value:
            return None
    return ids


TABLE = RouteTable(ROUTES)

"""The catalogue: every Okta operation we call, declared once.

Source: Okta's management OpenAPI 2026.06.3; names are its operationIds, scopes its OAuth scopes.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import quote, urlencode

#: Okta's ids are 20 letters and digits, key ids 43 of base64url; nothing longer is documented.
IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Effect(StrEnum):
    READ = "read"
    CREATE = "create"
    REPLACE = "replace"
    DELETE = "delete"
    LIFECYCLE = "lifecycle"


class Bucket(StrEnum):
    """Which of the org's rate limits a request is counted in."""

    APPS = "apps"  # the app list and every sub-resource of every app: the small one
    APP = "app"  # one app by id
    API = "api"  # the rest of /api/v1, shared with nearly everything the customer does
    TOKEN = "token"  # noqa: S105 - the name of a bucket, not a secret
    OTHER = "other"


@dataclass(frozen=True)
class Operation:
    """One call of Okta's API.

    ``page_limit`` is the largest page Okta documents, None where there is no ``limit`` parameter
    (a ``next`` link is followed all the same). ``id_field`` names what identifies a listed item.
    """

    name: str
    method: str
    path: str
    scope: str
    effect: Effect
    bucket: Bucket
    page_limit: int | None = None
    id_field: str = "id"

    def target(self, path: Mapping[str, str], query: Mapping[str, str]) -> str:
        """The request target. Raises ValueError for a parameter that is missing or no id."""
        filled = _PLACEHOLDER.sub(lambda found: _segment(path.get(found[1], "")), self.path)
        return f"{filled}?{urlencode(query)}" if query else filled


def _segment(value: str) -> str:
    # Ids come from Okta, but a path must not be steered by whoever can choose one there.
    if not IDENTIFIER.fullmatch(value):
        raise ValueError("a path parameter is not an Okta id")
    return quote(value, safe="")


_declared: dict[str, Operation] = {}


def _declare(
    name: str,
    method: str,
    path: str,
    scope: str,
    *,
    page_limit: int | None = None,
    id_field: str = "id",
) -> Operation:
    """An operation whose effect and bucket follow from its method and path."""
    operation = Operation(
        name, method, path, scope, _effect(method, path), _bucket(path), page_limit, id_field
    )
    _declared[name] = operation
    return operation


def _effect(method: str, path: str) -> Effect:
    if method == "POST" and "/lifecycle/" in path:
        return Effect.LIFECYCLE
    return {
        "GET": Effect.READ,
        "POST": Effect.CREATE,
        "PUT": Effect.REPLACE,
        "DELETE": Effect.DELETE,
    }[method]


def _bucket(path: str) -> Bucket:
    if path == "/api/v1/apps/{appId}":
        return Bucket.APP
    if path.startswith("/api/v1/apps"):
        return Bucket.APPS
    return Bucket.API if path.startswith("/api/v1/") else Bucket.OTHER


_AUTH_SERVER = "/api/v1/authorizationServers/{authServerId}"
_AUTH_SERVERS_READ = "okta.authorizationServers.read"

LIST_APPS = _declare("listApplications", "GET", "/api/v1/apps", "okta.apps.read", page_limit=200)
GET_APP = _declare("getApplication", "GET", "/api/v1/apps/{appId}", "okta.apps.read")
LIST_APP_GRANTS = _declare(
    "listScopeConsentGrants", "GET", "/api/v1/apps/{appId}/grants", "okta.appGrants.read"
)
LIST_PUSH_PROVIDERS = _declare(
    "listPushProviders", "GET", "/api/v1/push-providers", "okta.pushProviders.read"
)
LIST_API_SERVICES = _declare(
    "listApiServiceIntegrationInstances",
    "GET",
    "/integrations/api/v1/api-services",
    "okta.oauthIntegrations.read",
)
LIST_AUTHORIZATION_SERVERS = _declare(
    "listAuthorizationServers",
    "GET",
    "/api/v1/authorizationServers",
    _AUTH_SERVERS_READ,
    page_limit=200,
)
GET_AUTHORIZATION_SERVER = _declare(
    "getAuthorizationServer", "GET", _AUTH_SERVER, _AUTH_SERVERS_READ
)
LIST_AS_POLICIES = _declare(
    "listAuthorizationServerPolicies", "GET", f"{_AUTH_SERVER}/policies", _AUTH_SERVERS_READ
)
LIST_AS_RULES = _declare(
    "listAuthorizationServerPolicyRules",
    "GET",
    f"{_AUTH_SERVER}/policies/{{policyId}}/rules",
    _AUTH_SERVERS_READ,
)
LIST_AS_SCOPES = _declare(
    "listOAuth2Scopes", "GET", f"{_AUTH_SERVER}/scopes", _AUTH_SERVERS_READ, page_limit=200
)
LIST_AS_CLAIMS = _declare("listOAuth2Claims", "GET", f"{_AUTH_SERVER}/claims", _AUTH_SERVERS_READ)
LIST_AS_KEYS = _declare(
    "listAuthorizationServerKeys",
    "GET",
    f"{_AUTH_SERVER}/credentials/keys",
    _AUTH_SERVERS_READ,
    id_field="kid",
)

OPERATIONS: Mapping[str, Operation] = MappingProxyType(_declared)


def scopes_of(operations: Iterable[Operation]) -> frozenset[str]:
    """The fewest scopes that allow all ``operations``: ``X.manage`` stands for ``X.read`` too."""
    wanted = frozenset(operation.scope for operation in operations)
    return frozenset(scope for scope in wanted if scope == _stronger(scope, wanted))


def allows(scopes: frozenset[str], operation: Operation) -> bool:
    """Whether a token of ``scopes`` is enough for ``operation``."""
    return operation.scope in scopes or _manage(operation.scope) in scopes


def probe_for(scope: str) -> tuple[Operation, Mapping[str, str]] | None:
    """A cheap read, with its query, that succeeds only for a token holding ``scope``.

    None where every read of that scope needs an id, as for an app's grants.
    """
    for operation in OPERATIONS.values():
        proves = scope in (operation.scope, _manage(operation.scope))
        if proves and operation.effect == Effect.READ and "{" not in operation.path:
            return operation, ({"limit": "1"} if operation.page_limit else {})
    return None


def _manage(scope: str) -> str:
    return f"{scope.removesuffix('.read')}.manage" if scope.endswith(".read") else scope


def _stronger(scope: str, wanted: frozenset[str]) -> str:
    return _manage(scope) if _manage(scope) in wanted else scope

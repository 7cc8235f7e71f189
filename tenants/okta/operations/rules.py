"""What follows from an operation's method and path. A row says so where its case is another."""

from collections.abc import Mapping
from types import MappingProxyType

from tenants.okta.operations.operation import Bucket, Effect

_EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {
        "GET": Effect.READ,
        "POST": Effect.CREATE,
        "PUT": Effect.REPLACE,
        "PATCH": Effect.UPDATE,
        "DELETE": Effect.DELETE,
    }
)

#: Each names a state to be in, so that asking again changes nothing (RFC 9110 §9.2.2).
_REPEATABLE = frozenset({Effect.READ, Effect.REPLACE, Effect.DELETE, Effect.LIFECYCLE})


def effect_of(method: str, path: str) -> Effect:
    is_lifecycle = method == "POST" and "/lifecycle/" in path
    return Effect.LIFECYCLE if is_lifecycle else _EFFECTS[method]


def bucket_of(path: str) -> Bucket:
    """The bucket Okta counts a path in: the most specific one that fits."""
    if path == "/oauth2/v1/token":
        return Bucket.TOKEN
    if path == "/api/v1/apps/{appId}":
        return Bucket.APP
    if path.startswith("/api/v1/apps"):
        return Bucket.APPS
    return Bucket.API if path.startswith("/api/v1/") else Bucket.OTHER


def is_repeatable(effect: Effect) -> bool:
    return effect in _REPEATABLE

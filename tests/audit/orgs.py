"""A mirror held in memory, so that a rule can be asked about one small org at a time."""

from collections.abc import Iterator
from typing import Any

from tenants.audit.mirror import Mirror
from tenants.choices import Completeness
from tenants.inventory.kinds import KINDS
from tenants.models import Coverage, Resource

SERVER, POLICY, RULE = "aus1", "aus1/00p1", "aus1/00p1/0pr1"


class HeldMirror(Mirror):
    def __init__(self, *resources: Resource) -> None:
        self._held = resources
        self._below = {}
        self._coverage = {
            kind: Coverage(kind=kind, completeness=Completeness.COMPLETE) for kind in KINDS
        }

    def all(self, kind: str) -> Iterator[Resource]:
        return (resource for resource in self._held if resource.kind == kind)


def resource(kind: str, path: str, body: Any = None, *, status: str = "ACTIVE") -> Resource:
    parent, _, okta_id = path.rpartition("/")
    body = {} if body is None else body
    return Resource(
        kind=kind, parent=parent, okta_id=okta_id, label=okta_id, status=status, body=body
    )


def server(status: str = "ACTIVE", **signing: Any) -> Resource:
    return resource(
        "authorization_server", SERVER, {"credentials": {"signing": signing}}, status=status
    )


def policy(*clients: str, status: str = "ACTIVE") -> Resource:
    body = {"conditions": {"clients": {"include": list(clients)}}}
    return resource("as_policy", POLICY, body, status=status)


def rule(
    *,
    scopes: Any = (),
    groups: Any = (),
    grants: Any = (),
    minutes: Any = 60,
    status: str = "ACTIVE",
) -> Resource:
    body = {
        "conditions": {
            "scopes": {"include": list(scopes)},
            "people": {"groups": {"include": list(groups)}},
            "grantTypes": {"include": list(grants)},
        },
        "actions": {"token": {"accessTokenLifetimeMinutes": minutes}},
    }
    return resource("as_rule", RULE, body, status=status)


def scope(*, system: bool) -> Resource:
    return resource("as_scope", f"{SERVER}/scp1", {"system": system})


def key(status: str | None) -> Resource:
    return resource("as_key", f"{SERVER}/key1", {"status": status} if status else {})


def app(
    *uris: str, kind: str = "web", wildcard: str = "DISABLED", status: str = "ACTIVE"
) -> Resource:
    client = {"application_type": kind, "wildcard_redirect": wildcard, "redirect_uris": list(uris)}
    return resource("app", "0oa1", {"settings": {"oauthClient": client}}, status=status)

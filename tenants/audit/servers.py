"""The part of a mirror that can hand out tokens: active rules of active policies of active servers.

Conditions that several rules share are named here once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tenants.audit.mirror import Mirror, is_active, members, part
from tenants.models import Resource

EVERY_CLIENT = "ALL_CLIENTS"
EVERY_SCOPE = "*"
EVERYONE = "EVERYONE"


@dataclass(frozen=True)
class LivePolicy:
    server: Resource
    policy: Resource
    rules: tuple[Resource, ...]


def live_servers(mirror: Mirror) -> Iterator[Resource]:
    return (server for server in mirror.all("authorization_server") if is_active(server))


def live_policies(mirror: Mirror) -> Iterator[LivePolicy]:
    for server in live_servers(mirror):
        for policy in filter(is_active, mirror.inside("as_policy", server)):
            rules = filter(is_active, mirror.inside("as_rule", policy))
            yield LivePolicy(server, policy, tuple(sorted(rules, key=_priority)))


def live_rules(mirror: Mirror) -> Iterator[tuple[LivePolicy, Resource]]:
    for live in live_policies(mirror):
        for rule in live.rules:
            yield live, rule


def serves_every_client(policy: Resource) -> bool:
    return EVERY_CLIENT in members(policy.body, "conditions", "clients", "include")


def scopes_of_rule(rule: Resource) -> list[Any]:
    return members(rule.body, "conditions", "scopes", "include")


def grants_of_rule(rule: Resource) -> list[Any]:
    return members(rule.body, "conditions", "grantTypes", "include")


def groups_of_rule(rule: Resource) -> list[Any]:
    return members(rule.body, "conditions", "people", "groups", "include")


def catches_all(rule: Resource) -> bool:
    """Any scope, for everyone or for machines that need no person at all."""
    return EVERY_SCOPE in scopes_of_rule(rule) and (
        EVERYONE in groups_of_rule(rule) or "client_credentials" in grants_of_rule(rule)
    )


def allows_legacy_grant(rule: Resource) -> bool:
    return bool({"password", "implicit"} & {str(grant) for grant in grants_of_rule(rule)})


def has_custom_scopes(mirror: Mirror, server: Resource) -> bool:
    return any(part(scope.body, "system") is False for scope in mirror.inside("as_scope", server))


def _priority(rule: Resource) -> int:
    priority = part(rule.body, "priority")
    return priority if isinstance(priority, int) else 10**9

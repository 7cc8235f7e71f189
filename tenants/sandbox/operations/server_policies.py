"""Access policies of an authorization server, and their rules."""

from collections.abc import Mapping

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.operations import server_rules
from tenants.sandbox.operations.fields import (
    left_blank,
    read_choice,
    read_number,
    read_texts,
    refuse,
)
from tenants.sandbox.operations.oauth_clients import known_clients
from tenants.sandbox.operations.priorities import put_ranked, ranked_listing, ranked_removal
from tenants.sandbox.operations.reads import single
from tenants.sandbox.operations.writes import find, keep_system, now, read_text, set_status, switch
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.resolve import resolve
from tenants.sandbox.seed.servers import build_policy
from tenants.sandbox.store import Body

_SERVER, _POLICY = "authorization_server", "as_policy"
_CLIENTS = "conditions.clients.include"
_EVERYBODY = "ALL_CLIENTS"
_LAST = 10_000


def _create(call: Call) -> Reply:
    org, body = call.org, call.json_object()
    (server_id,) = resolve(org, (_SERVER,), call.ids)
    wanted = _read(org, body, priority=_LAST)
    policy = build_policy(
        org.ids, org.get(_SERVER, server_id), name="", clients=[], priority=1, status="ACTIVE"
    )
    policy |= {**wanted, "created": now(org), "lastUpdated": now(org)}
    policy = set_status(org, policy, read_choice(body, "status", ("ACTIVE", "INACTIVE"), "ACTIVE"))
    return json_reply(put_ranked(org, _POLICY, policy, server_id), 201)


def _replace(call: Call) -> Reply:
    parents, policy = find(call, _POLICY)
    org, body = call.org, call.json_object()
    wanted = _read(org, body, priority=policy["priority"])
    status = read_choice(body, "status", ("ACTIVE", "INACTIVE"), policy["status"])
    policy = set_status(org, {**policy, **wanted}, status)
    return json_reply(put_ranked(org, _POLICY, policy, *parents))


def _read(org: Org, body: Body, *, priority: int) -> Body:
    read_choice(body, "type", ("OAUTH_AUTHORIZATION_POLICY",))
    return {
        "name": read_text(body, "name", longest=100),
        "description": read_text(body, "description", longest=255),
        "priority": read_number(body, "priority", default=priority, lowest=1, highest=_LAST),
        "conditions": {"clients": {"include": _read_clients(org, body)}},
    }


def _read_clients(org: Org, body: Body) -> list[str]:
    """Known client IDs, or the one word for all of them."""
    clients = read_texts(body, _CLIENTS)
    if not clients:
        raise left_blank(_CLIENTS)
    if clients == [_EVERYBODY]:
        return clients
    if unknown := set(clients) - known_clients(org):
        raise refuse(_CLIENTS, f"Invalid client: {min(unknown)}")
    return clients


HANDLERS: Mapping[str, Handler] = {
    "listAuthorizationServerPolicies": ranked_listing(_POLICY),
    "createAuthorizationServerPolicy": _create,
    "getAuthorizationServerPolicy": single(_POLICY),
    "replaceAuthorizationServerPolicy": _replace,
    "deleteAuthorizationServerPolicy": ranked_removal(_POLICY, keep_system),
    "activateAuthorizationServerPolicy": switch(_POLICY, "ACTIVE"),
    "deactivateAuthorizationServerPolicy": switch(_POLICY, "INACTIVE"),
    **server_rules.HANDLERS,
}

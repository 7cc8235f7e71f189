"""What an authorization server puts into its tokens: scopes and claims."""

import re
from collections.abc import Mapping

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.operations import server_claims
from tenants.sandbox.operations.fields import read_choice, read_flag, refuse, taken
from tenants.sandbox.operations.reads import listing, single
from tenants.sandbox.operations.writes import find, keep_system, read_text
from tenants.sandbox.org import Org
from tenants.sandbox.paging import Paging
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.resolve import resolve
from tenants.sandbox.seed.servers import build_scope
from tenants.sandbox.store import Body

_SERVER, _SCOPE = "authorization_server", "as_scope"

#: RFC 6749 §3.3: no spaces, quotes or backslashes.
_NAME = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


def _create(call: Call) -> Reply:
    org, body = call.org, call.json_object()
    (server_id,) = resolve(org, (_SERVER,), call.ids)
    wanted = _read(body)
    _require_unique(org, server_id, wanted["name"])
    scope = build_scope(org.ids, org.get(_SERVER, server_id), wanted["name"])
    return _put_and_show(org, {**scope, **wanted, "system": False}, server_id, 201)


def _replace(call: Call) -> Reply:
    (server_id,), scope = find(call, _SCOPE)
    wanted = _read(call.json_object())
    if wanted["name"] != scope["name"]:
        if scope["system"]:
            raise refuse("name", "The name of a system scope cannot be changed")
        _require_unique(call.org, server_id, wanted["name"])
        _rename_in_use(call.org, server_id, scope["name"], wanted["name"])
    return _put_and_show(call.org, {**scope, **wanted}, server_id, 200)


def _delete(call: Call) -> Reply:
    """Rules and claims that named the scope go on without it."""
    (server_id,), scope = find(call, _SCOPE)
    keep_system(call, scope)
    call.org.remove(_SCOPE, scope["id"], server_id)
    _rename_in_use(call.org, server_id, scope["name"], None)
    return Reply(204)


def _read(body: Body) -> Body:
    name = read_text(body, "name", longest=255) or ""
    if not _NAME.fullmatch(name):
        raise refuse("name", "A scope name cannot contain spaces or quotes")
    consents, publish = ("FLEXIBLE", "IMPLICIT", "REQUIRED"), ("ALL_CLIENTS", "NO_CLIENTS")
    return {
        "name": name,
        "displayName": read_text(body, "displayName", longest=255, required=False),
        "description": read_text(body, "description", longest=1000, required=False),
        "metadataPublish": read_choice(body, "metadataPublish", publish, "NO_CLIENTS"),
        "consent": read_choice(body, "consent", consents, "IMPLICIT"),
        "default": read_flag(body, "default", default=False),
        "optional": read_flag(body, "optional", default=False),
    }


def _require_unique(org: Org, server_id: str, name: str) -> None:
    if any(scope["name"] == name for scope in org.list(_SCOPE, server_id)):
        raise taken("name")


def _put_and_show(org: Org, scope: Body, server_id: str, status: int) -> Reply:
    """One scope at most is the default: another steps back."""
    if scope["displayName"] is None:
        # Recorded scopes show an empty description as null, and no empty display name at all.
        del scope["displayName"]
    if scope["default"]:
        for other in org.list(_SCOPE, server_id):
            if other["default"] and other["id"] != scope["id"]:
                org.put(_SCOPE, {**other, "default": False}, server_id)
    org.put(_SCOPE, scope, server_id)
    return json_reply(scope, status)


def _rename_in_use(org: Org, server_id: str, old: str, new: str | None) -> None:
    """Put the new name, or none, where rules and claims of the server have the old one."""
    for policy in org.list("as_policy", server_id):
        for rule in org.list("as_rule", server_id, policy["id"]):
            scopes = rule["conditions"]["scopes"]
            if old in scopes["include"]:
                scopes["include"] = _renamed(scopes["include"], old, new)
                org.put("as_rule", rule, server_id, policy["id"])
    for claim in org.list("as_claim", server_id):
        if old in claim["conditions"]["scopes"]:
            claim["conditions"]["scopes"] = _renamed(claim["conditions"]["scopes"], old, new)
            org.put("as_claim", claim, server_id)


def _renamed(names: list[str], old: str, new: str | None) -> list[str]:
    replaced = (new if name == old else name for name in names)
    return [name for name in replaced if name]


HANDLERS: Mapping[str, Handler] = {
    # Recorded without a Link header, which the specification has for the pages that follow.
    "listOAuth2Scopes": listing(_SCOPE, Paging(default=200, quiet=True)),
    "createOAuth2Scope": _create,
    "getOAuth2Scope": single(_SCOPE),
    "replaceOAuth2Scope": _replace,
    "deleteOAuth2Scope": _delete,
    **server_claims.HANDLERS,
}

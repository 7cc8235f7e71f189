"""Claims: what an authorization server says in its tokens, and where it takes it from."""

import re
from collections.abc import Mapping

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.operations.fields import read_choice, read_flag, read_texts, refuse, taken
from tenants.sandbox.operations.reads import listing, single
from tenants.sandbox.operations.writes import find, keep_system, read_text, removal
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.resolve import resolve
from tenants.sandbox.seed.servers import finish_claim
from tenants.sandbox.store import Body

_SERVER, _CLAIM = "authorization_server", "as_claim"
_FILTERS = ("CONTAINS", "EQUALS", "REGEX", "STARTS_WITH")
_SYSTEM_FIELDS = ("name", "claimType", "valueType")


def _create(call: Call) -> Reply:
    org, body = call.org, call.json_object()
    (server_id,) = resolve(org, (_SERVER,), call.ids)
    claim = _read(org, server_id, body, ("EXPRESSION", "GROUPS"))
    _require_unique(org, server_id, claim)
    claim = finish_claim(org.ids, org.get(_SERVER, server_id), claim, system=False)
    org.put(_CLAIM, claim, server_id)
    return json_reply(claim, 201)


def _replace(call: Call) -> Reply:
    (server_id,), claim = find(call, _CLAIM)
    org, body = call.org, call.json_object()
    value_types = (claim["valueType"],) if claim["system"] else ("EXPRESSION", "GROUPS")
    wanted = _read(org, server_id, body, value_types)
    if claim["system"] and any(wanted[name] != claim[name] for name in _SYSTEM_FIELDS):
        raise refuse("name", "Name and type of a system claim cannot be changed")
    _require_unique(org, server_id, {**wanted, "id": claim["id"]})
    claim = {
        "id": claim["id"],
        **wanted,
        "system": claim["system"],
        "apiResourceId": claim.get("apiResourceId"),
        "_links": claim["_links"],
    }
    org.put(_CLAIM, claim, server_id)
    return json_reply(claim)


def _read(org: Org, server_id: str, body: Body, value_types: tuple[str, ...]) -> Body:
    claim_type = read_choice(body, "claimType", ("IDENTITY", "RESOURCE"))
    value_type = read_choice(body, "valueType", value_types)
    return {
        "name": read_text(body, "name", longest=255),
        "status": read_choice(body, "status", ("ACTIVE", "INACTIVE"), "ACTIVE"),
        "claimType": claim_type,
        "valueType": value_type,
        **_read_value(body, value_type),
        "conditions": {"scopes": _read_scopes(org, server_id, body)},
        # An access token always has its claims, whatever was asked for.
        "alwaysIncludeInToken": read_flag(body, "alwaysIncludeInToken", default=False)
        or claim_type == "RESOURCE",
    }


def _read_value(body: Body, value_type: str) -> Body:
    """Where the claim comes from; what Okta computes has no ``value`` at all."""
    if value_type == "SYSTEM":
        return {}
    value = read_text(body, "value", longest=1024)
    if value_type == "EXPRESSION":
        return {"value": value}
    group_filter = read_choice(body, "group_filter_type", _FILTERS)
    if group_filter == "REGEX" and not _is_pattern(value or ""):
        raise refuse("value", "The field must be a regular expression")
    return {"value": value, "group_filter_type": group_filter}


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def _read_scopes(org: Org, server_id: str, body: Body) -> list[str]:
    path = "conditions.scopes"
    scopes = read_texts(body, path)
    known = {scope["name"] for scope in org.list("as_scope", server_id)}
    if unknown := set(scopes) - known:
        raise refuse(path, f"Invalid scope: {min(unknown)}")
    return scopes


def _require_unique(org: Org, server_id: str, claim: Body) -> None:
    """One name may stand once in each kind of token."""
    for other in org.list(_CLAIM, server_id):
        same = all(other[name] == claim[name] for name in ("name", "claimType"))
        if same and other["id"] != claim.get("id"):
            raise taken("name")


HANDLERS: Mapping[str, Handler] = {
    "listOAuth2Claims": listing(_CLAIM),
    "createOAuth2Claim": _create,
    "getOAuth2Claim": single(_CLAIM),
    "replaceOAuth2Claim": _replace,
    "deleteOAuth2Claim": removal(_CLAIM, keep_system),
}

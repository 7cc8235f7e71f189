"""Groups assigned to an app."""

import json
from collections.abc import Mapping
from typing import Any

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.operations.json_patch import apply_patch
from tenants.sandbox.operations.reads import read_expand
from tenants.sandbox.operations.writes import find, invalid, malformed, now, removal
from tenants.sandbox.org import Org
from tenants.sandbox.paging import Paging, bad_cursor, build_links, clean_limit
from tenants.sandbox.replies import JSON, Reply, json_reply
from tenants.sandbox.resolve import resolve
from tenants.sandbox.store import Body, Matches, UnknownCursor

_PAGING = Paging(default=20, minimum=20)
_MOST = 2**31 - 1


def _list(call: Call) -> Reply:
    (app_id,) = resolve(call.org, ("app",), call.ids)
    limit, embed = clean_limit(call.request, _PAGING), read_expand(call, "group", "metadata")
    q, after = call.query.get("q", ""), call.query.get("after") or None
    collection = call.org.store.collection("app_group", (app_id,))
    try:
        page, cursor = collection.page(
            after=after,
            limit=call.org.page_length(limit),
            query=q,
            matches=_named(call.org, q),
        )
    except UnknownCursor:
        raise bad_cursor() from None
    shown = [_embed(call.org, body, embed) for body in json.loads(page)] if embed else None
    links = build_links(call.request, _PAGING, limit, cursor)
    return json_reply(shown, headers=links) if embed else Reply(200, page, [JSON, *links])


def _named(org: Org, q: str) -> Matches | None:
    if not q:
        return None
    groups = {group["id"]: group["profile"]["name"].casefold() for group in org.list("group")}
    return lambda body: groups.get(body["id"], "").startswith(q.casefold())


def _get(call: Call) -> Reply:
    embed = read_expand(call, "group", "metadata")
    _, body = find(call, "app_group")
    return json_reply(_embed(call.org, body, embed))


def _embed(org: Org, body: Body, embed: str) -> Body:
    if not embed:
        return body
    # Where a value of the profile came from: here every one was set in the assignment itself.
    metadata: Body = {"credentials": {}, "profile": {}}
    embedded = metadata if embed == "metadata" else org.get("group", body["id"])
    return body | {"_embedded": {embed: embedded}}


def _assign(call: Call) -> Reply:
    """Assign a group, or change how it is assigned; what the body leaves out stays as it was."""
    app_id, group_id = call.ids
    resolve(call.org, ("app",), (app_id,))
    resolve(call.org, ("group",), (group_id,))
    body = call.json_object(optional=True)
    known = call.org.list("app_group", app_id)
    new: Body = {"id": group_id, "priority": len(known), "profile": {}}
    before = next((other for other in known if other["id"] == group_id), new)
    kept = before | {name: body[name] for name in ("priority", "profile") if name in body}
    assignment = build_assignment(
        call.org, app_id, group_id, priority=kept["priority"], profile=kept["profile"]
    )
    return _store(call, assignment)


def build_assignment(org: Org, app_id: str, group_id: str, *, priority: int, profile: Body) -> Body:
    app = f"https://{org.host}/api/v1/apps/{app_id}"
    return {
        "id": group_id,
        "lastUpdated": now(org),
        "priority": priority,
        "profile": profile,
        "_links": {
            "app": {"href": app},
            "self": {"href": f"{app}/groups/{group_id}"},
            "group": {"href": f"https://{org.host}/api/v1/groups/{group_id}"},
        },
    }


def _patch(call: Call) -> Reply:
    """JSON Patch on what may be changed; an empty body changes nothing."""
    _, body = find(call, "app_group")
    operations = call.json() if call.request.body else []
    changeable = {name: body[name] for name in ("priority", "profile")}
    return _store(
        call, {**body, **apply_patch(changeable, operations), "lastUpdated": now(call.org)}
    )


def _store(call: Call, assignment: Body) -> Reply:
    priority: Any = assignment["priority"]
    if not isinstance(priority, int) or isinstance(priority, bool):
        raise malformed()
    if not isinstance(assignment["profile"], dict):
        raise malformed()
    if not 0 <= priority <= _MOST:
        raise invalid("priority", f"priority: must be between 0 and {_MOST}")
    call.org.put("app_group", assignment, call.ids[0])
    return json_reply(assignment)


HANDLERS: Mapping[str, Handler] = {
    "listApplicationGroupAssignments": _list,
    "getApplicationGroupAssignment": _get,
    "assignGroupToApplication": _assign,
    "updateGroupAssignmentToApplication": _patch,
    "unassignApplicationFromGroup": removal("app_group"),
}

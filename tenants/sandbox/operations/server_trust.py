"""Which authorization servers trust which others (token exchange between them)."""

from collections.abc import Mapping

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.delivery import Headers
from tenants.sandbox.operations.fields import left_blank, read_texts, refuse
from tenants.sandbox.operations.searches import mentions
from tenants.sandbox.operations.writes import removal
from tenants.sandbox.paging import Paging, bad_cursor, clean_limit
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.resolve import resolve
from tenants.sandbox.store import Body

_SERVER, _TRUSTED = "authorization_server", "as_associated"
_PAGING = Paging(default=200)


def _list(call: Call) -> Reply:
    """Servers that this one trusts, or with ``trusted=false`` those that it does not."""
    (server_id,) = resolve(call.org, (_SERVER,), call.ids)
    wanted = _read_trusted(call)
    trusted = {body["id"] for body in call.org.list(_TRUSTED, server_id)}
    is_meant = mentions(call.query.get("q", ""))
    found = [
        body
        for body in call.org.list(_SERVER)
        if body["id"] != server_id and (body["id"] in trusted) == wanted and is_meant(body)
    ]
    page = _cut(call, found)
    return json_reply([_shown(body) for body in page], headers=_links(call, page))


def _read_trusted(call: Call) -> bool:
    text = call.query.get("trusted", "true").lower()
    if text not in ("true", "false"):
        raise refuse("trusted", "must be true or false")
    return text == "true"


def _cut(call: Call, bodies: list[Body]) -> list[Body]:
    limit, after = clean_limit(call.request, _PAGING), call.query.get("after")
    ids = [body["id"] for body in bodies]
    if after and after not in ids:
        raise bad_cursor()
    start = ids.index(after) + 1 if after else 0
    return bodies[start : start + call.org.page_length(limit)]


def _links(call: Call, page: list[Body]) -> Headers:
    """Okta's ``next`` leads out of the collection, to the list of all servers (recorded)."""
    if not page:
        return []
    query = f"after={page[-1]['id']}&limit={call.query.get('limit', '-1')}"
    if "trusted" in call.query:
        query += f"&trusted={call.query['trusted']}"
    address = f"https://{call.request.authority}/api/v1/authorizationServers?{query}"
    return [("link", f'<{address}>; rel="next"')]


def _shown(body: Body) -> Body:
    """As in the server's own place, but for the links: recorded as null."""
    return {**body, "_links": None}


def _create(call: Call) -> Reply:
    (server_id,) = resolve(call.org, (_SERVER,), call.ids)
    wanted = read_texts(call.json_object(), "trusted")
    if not wanted:
        raise left_blank("trusted")
    ids = [resolve(call.org, (_SERVER,), (okta_id,))[0] for okta_id in wanted]
    if server_id in ids:
        raise refuse("trusted", "An authorization server cannot trust itself")
    for okta_id in ids:
        call.org.put(_TRUSTED, {"id": okta_id}, server_id)
    return json_reply([_shown(call.org.get(_SERVER, okta_id)) for okta_id in ids])


HANDLERS: Mapping[str, Handler] = {
    "listAssociatedServersByTrustedType": _list,
    "createAssociatedServers": _create,
    "deleteAssociatedServer": removal(_TRUSTED),
}

"""The clients an authorization server gave refresh tokens to, and those tokens."""

import json
from collections.abc import Mapping

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.kinds import KINDS
from tenants.sandbox.operations.oauth_clients import known_clients
from tenants.sandbox.operations.reads import read_expand
from tenants.sandbox.org import Org
from tenants.sandbox.paging import Paging, bad_cursor, build_links, clean_limit
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.resolve import not_found, resolve
from tenants.sandbox.store import Body, Collection, UnknownCursor

_SERVER, _CLIENT, _TOKEN = "authorization_server", "as_client", "as_token"
_PAGING = Paging(default=20)


def _list_clients(call: Call) -> Reply:
    """Only clients that hold a token."""
    (server_id,) = resolve(call.org, (_SERVER,), call.ids)
    clients = call.org.list(_CLIENT, server_id)
    return json_reply(
        [client for client in clients if call.org.list(_TOKEN, server_id, client["client_id"])]
    )


def forget_client(org: Org, client_id: str) -> None:
    """Take a client that is no more, with its tokens, from every authorization server."""
    for server in org.list(_SERVER):
        if org.store.collection(_CLIENT, (server["id"],)).encoded(client_id):
            org.remove(_CLIENT, client_id, server["id"])


def _list_tokens(call: Call) -> Reply:
    parents, expand = _find_client(call), read_expand(call, "scope")
    collection = call.org.store.collection(_TOKEN, parents)
    limit = clean_limit(call.request, _PAGING)
    page, cursor = _read_page(
        collection, call.query.get("after") or None, call.org.page_length(limit)
    )
    bodies = [_embed(call.org, parents[0], body) if expand else body for body in page]
    return json_reply(bodies, headers=build_links(call.request, _PAGING, limit, cursor))


def _read_page(
    collection: Collection, after: str | None, limit: int
) -> tuple[list[Body], str | None]:
    try:
        page, cursor = collection.page(after=after, limit=limit)
    except UnknownCursor:
        raise bad_cursor() from None
    bodies: list[Body] = json.loads(page)
    return bodies, cursor


def _get_token(call: Call) -> Reply:
    parents, body = _find_token(call)
    return json_reply(_embed(call.org, parents[0], body) if read_expand(call, "scope") else body)


def _revoke_tokens(call: Call) -> Reply:
    parents = _find_client(call)
    for body in call.org.list(_TOKEN, *parents):
        call.org.remove(_TOKEN, body["id"], *parents)
    return Reply(204)


def _revoke_token(call: Call) -> Reply:
    parents, body = _find_token(call)
    call.org.remove(_TOKEN, body["id"], *parents)
    return Reply(204)


def _find_client(call: Call) -> tuple[str, str]:
    """Ids of server and client. A client without tokens is none that Okta does not know.

    Raises:
        Refusal: 404 naming the first one that does not exist.
    """
    (server_id,), client_id = resolve(call.org, (_SERVER,), call.ids[:1]), call.ids[1]
    stored = call.org.store.collection(_CLIENT, (server_id,)).encoded(client_id)
    if stored is None and client_id not in known_clients(call.org):
        raise not_found(KINDS[_CLIENT], client_id)
    return server_id, client_id


def _find_token(call: Call) -> tuple[tuple[str, str], Body]:
    parents, token_id = _find_client(call), call.ids[2]
    if call.org.store.collection(_TOKEN, parents).encoded(token_id) is None:
        raise not_found(KINDS[_TOKEN], token_id)
    return parents, call.org.get(_TOKEN, token_id, *parents)


def _embed(org: Org, server_id: str, body: Body) -> Body:
    """The token with the scopes of its server in place of their names alone."""
    scopes = [
        _embed_scope(scope)
        for scope in org.list("as_scope", server_id)
        if scope["name"] in body["scopes"]
    ]
    links = body.pop("_links")
    return {**body, "_embedded": {"scopes": scopes}, "_links": links}


def _embed_scope(scope: Body) -> Body:
    title = scope.get("displayName") or scope["name"]
    link = {"href": scope["_links"]["self"]["href"], "title": title}
    return {
        "id": scope["id"],
        "name": scope["name"],
        "displayName": title,
        "description": scope["description"],
        "_links": {"scope": link},
    }


HANDLERS: Mapping[str, Handler] = {
    "listOAuth2ClientsForAuthorizationServer": _list_clients,
    "listRefreshTokensForAuthorizationServerAndClient": _list_tokens,
    "getRefreshTokenForAuthorizationServerAndClient": _get_token,
    "revokeRefreshTokensForAuthorizationServerAndClient": _revoke_tokens,
    "revokeRefreshTokenForAuthorizationServerAndClient": _revoke_token,
}

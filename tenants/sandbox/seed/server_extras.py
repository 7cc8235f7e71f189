"""What hangs on authorization servers in use: refresh tokens, keys to encrypt for, and trust."""

from datetime import UTC, datetime

from tenants.sandbox.links import credential_links, link
from tenants.sandbox.org import Org
from tenants.sandbox.seed.clients import clients_of
from tenants.sandbox.seed.ids import Ids, stamp
from tenants.sandbox.store import Body

#: Refresh tokens run out at the end of such a period after the next: always in the future.
_PERIOD_S = 90 * 86_400

_TOKENS_EACH = 2
_TOKEN_SCOPES = ["offline_access", "openid"]


def fill_server_extras(org: Org, ids: Ids) -> None:
    """Web apps hold tokens of the default server; the next one encrypts for somebody, and trusts
    the default one."""
    servers = org.list("authorization_server")[:2]
    for client_id in clients_of(org, "web")[:2] if servers else []:
        _give_tokens(org, ids, servers[0], client_id)
    if len(servers) == 2:
        default, other = servers
        org.put("as_associated", {"id": default["id"]}, other["id"])
        _add_keys(org, ids, other)


def _give_tokens(org: Org, ids: Ids, server: Body, client_id: str) -> None:
    client = build_client(org, server, client_id)
    org.put("as_client", client, server["id"])
    for _ in range(_TOKENS_EACH):
        token = build_refresh_token(org, ids, server, client)
        org.put("as_token", token, server["id"], client_id)


def build_client(org: Org, server: Body, client_id: str) -> Body:
    """A client as an authorization server shows it; its name is the app's label."""
    names = (
        app["label"]
        for app in org.list("app")
        if app["credentials"].get("oauthClient", {}).get("client_id") == client_id
    )
    name = next(names, client_id)
    tokens = f"{server['_links']['self']['href']}/clients/{client_id}/tokens"
    return {
        "client_id": client_id,
        "client_name": name,
        "client_uri": None,
        "logo_uri": None,
        "_links": {
            "client": {"href": f"https://{org.host}/oauth2/v1/clients/{client_id}", "title": name},
            "tokens": link(tokens, "GET", "DELETE"),
        },
    }


def build_refresh_token(org: Org, ids: Ids, server: Body, client: Body) -> Body:
    """What may be seen of a refresh token: never its value."""
    okta_id, user_id = ids.make("oar"), ids.make("00u")
    created, updated = ids.make_dates()
    expires = (org.clock() // _PERIOD_S + 2) * _PERIOD_S
    server_href, title = server["_links"]["self"]["href"], client["client_name"]
    here = f"{server_href}/clients/{client['client_id']}/tokens/{okta_id}"
    return {
        "id": okta_id,
        "status": "ACTIVE",
        "created": created,
        "lastUpdated": updated,
        "expiresAt": stamp(datetime.fromtimestamp(expires, tz=UTC)),
        "issuer": server["issuer"],
        "clientId": client["client_id"],
        "userId": user_id,
        "scopes": _TOKEN_SCOPES,
        "_links": {
            "app": {
                "href": f"https://{org.host}/api/v1/apps/{client['client_id']}",
                "title": title,
            },
            "authorizationServer": {"href": server_href, "title": server["name"]},
            "self": {"href": here},
            "revoke": link(here, "DELETE"),
            "client": client["_links"]["client"],
            "user": {"href": f"https://{org.host}/api/v1/users/{user_id}"},
        },
    }


def _add_keys(org: Org, ids: Ids, server: Body) -> None:
    for status in ("ACTIVE", "INACTIVE"):
        key = {"status": status, "kid": ids.make_kid(), "kty": "RSA", "use": "enc", "e": "AQAB"}
        key |= {"n": ids.make_modulus()}
        org.put(
            "as_resource_key", build_resource_key(ids, server, key, ids.make_dates()), server["id"]
        )


def build_resource_key(ids: Ids, server: Body, key: Body, dates: tuple[str, str]) -> Body:
    """A public key of a resource server; ``dates`` are those of creation and last change."""
    okta_id = ids.make("apk")
    return {
        "id": okta_id,
        **key,
        "created": dates[0],
        "lastUpdated": dates[1],
        "_links": credential_links(resource_key_href(server, okta_id), key["status"]),
    }


def resource_key_href(server: Body, key_id: str) -> str:
    return f"{server['_links']['self']['href']}/resourceservercredentials/keys/{key_id}"

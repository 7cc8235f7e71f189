"""Authorization servers, whom they trust, their clients and those clients' tokens."""

from collections.abc import Mapping

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.operations import server_tokens, server_trust
from tenants.sandbox.operations.fields import left_blank, read_choice, read_texts, refuse
from tenants.sandbox.operations.reads import listing, single
from tenants.sandbox.operations.resource_keys import read_key_set, replace_keys
from tenants.sandbox.operations.searches import mentions
from tenants.sandbox.operations.writes import find, now, read_text, switch
from tenants.sandbox.org import Org
from tenants.sandbox.paging import Paging
from tenants.sandbox.replies import Reply, forbidden, json_reply
from tenants.sandbox.resolve import is_default
from tenants.sandbox.seed.fill_servers import put_server
from tenants.sandbox.seed.servers import SYSTEM_SCOPES, build_rotation, build_server, set_rotation
from tenants.sandbox.store import Body

_KIND = "authorization_server"
_ROTATION = "credentials.signing.rotationMode"
_ALGORITHM = "accessTokenEncryptedResponseAlgorithm"
_ALGORITHMS = ("RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512")

#: CUSTOM_URL needs a custom domain, which no org here has.
_ISSUER_MODES = ("DYNAMIC", "ORG_URL")


def _create(call: Call) -> Reply:
    """An ACTIVE server with system scopes and claims, rotating its keys by itself.

    Asked for MANUAL rotation Okta answers AUTO all the same (recorded); only a PUT changes it.
    """
    org, body = call.org, call.json_object()
    wanted, keys = _read_server(body, issuer_mode="DYNAMIC"), read_key_set(body)
    read_choice(body, _ROTATION, ("AUTO", "MANUAL"), "AUTO")
    server = build_server(
        org.ids, org.host, name=wanted["name"], audience=wanted["audiences"][0], now=org.clock()
    )
    server["credentials"]["signing"] |= build_rotation(org.clock())
    server |= {"created": now(org), "lastUpdated": now(org)}
    put_server(org, org.ids, _apply(server, wanted), SYSTEM_SCOPES)
    return _put_keys_and_show(org, server["id"], keys, 201)


def _replace(call: Call) -> Reply:
    _, server = find(call, _KIND)
    org, body = call.org, call.json_object()
    wanted = _read_server(body, issuer_mode=server.get("issuerMode", "DYNAMIC"))
    keys = read_key_set(body)
    signing = server["credentials"]["signing"]
    set_rotation(server, read_choice(body, _ROTATION, ("AUTO", "MANUAL"), signing["rotationMode"]))
    org.put(_KIND, {**_apply(server, wanted), "lastUpdated": now(org)})
    return _put_keys_and_show(org, server["id"], keys, 200)


def _put_keys_and_show(org: Org, server_id: str, keys: list[Body] | None, status: int) -> Reply:
    if keys is not None:
        replace_keys(org, server_id, keys)
    return json_reply(org.get(_KIND, server_id), status)


def _read_server(body: Body, *, issuer_mode: str) -> Body:
    audiences = read_texts(body, "audiences")
    if not audiences:
        raise left_blank("audiences")
    if len(audiences) > 1:
        raise refuse("audiences", "An authorization server has exactly one audience")
    wanted: Body = {
        "name": read_text(body, "name", longest=100),
        "description": read_text(body, "description", longest=1000, required=False),
        "audiences": audiences,
        "issuerMode": read_choice(body, "issuerMode", {*_ISSUER_MODES, issuer_mode}, issuer_mode),
    }
    if body.get(_ALGORITHM) is not None:
        wanted[_ALGORITHM] = read_choice(body, _ALGORITHM, _ALGORITHMS)
    if uri := read_text(body, "jwks_uri", longest=1024, required=False):
        wanted["jwks_uri"] = uri
    return wanted


def _apply(server: Body, wanted: Body) -> Body:
    """The server as it should be; what encrypts its tokens goes where it was left out."""
    kept = {name: value for name, value in server.items() if name not in (_ALGORITHM, "jwks_uri")}
    links = kept.pop("_links")
    return {**kept, **wanted, "_links": links}


def _delete(call: Call) -> Reply:
    """204 even for an ACTIVE server (recorded). The default one can be disabled, not deleted."""
    _, server = find(call, _KIND)
    if is_default(server):
        raise forbidden()
    call.org.remove(_KIND, server["id"])
    return Reply(204)


HANDLERS: Mapping[str, Handler] = {
    "listAuthorizationServers": listing(
        _KIND, Paging(default=200, eager_next=True), search=mentions
    ),
    "createAuthorizationServer": _create,
    "getAuthorizationServer": single(_KIND),
    "replaceAuthorizationServer": _replace,
    "deleteAuthorizationServer": _delete,
    "activateAuthorizationServer": switch(_KIND, "ACTIVE"),
    "deactivateAuthorizationServer": switch(_KIND, "INACTIVE"),
    **server_trust.HANDLERS,
    **server_tokens.HANDLERS,
}

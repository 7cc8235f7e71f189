"""Keys of an authorization server: those it signs with, and those it encrypts tokens for."""

from collections.abc import Mapping

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.operations import resource_keys
from tenants.sandbox.operations.reads import single
from tenants.sandbox.operations.writes import find, invalid
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.resolve import resolve
from tenants.sandbox.seed.servers import build_key, build_rotation
from tenants.sandbox.store import Body

_SERVER, _KEY = "authorization_server", "as_key"
_ORDER = ("ACTIVE", "NEXT", "EXPIRED")


def _list(call: Call) -> Reply:
    (server_id,) = resolve(call.org, (_SERVER,), call.ids)
    return json_reply(_in_order(call.org, server_id))


def _in_order(org: Org, server_id: str) -> list[Body]:
    """The key in use first. Unknown statuses, which a recording may bring, come last."""
    statuses = {status: place for place, status in enumerate(_ORDER)}
    keys = org.list(_KEY, server_id)
    return sorted(keys, key=lambda key: statuses.get(key.get("status", ""), len(_ORDER)))


def _rotate(call: Call) -> Reply:
    """The next key takes over at once, and the one before stays for tokens already signed.

    The answer holds both and no key to come next (recorded): that is made when it is needed.
    """
    _, server = find(call, _SERVER)
    if call.json_object().get("use") != "sig":
        raise invalid("rotateKeys", "Invalid value specified for key 'use' parameter")
    org = call.org
    following = _take_next(org, server)
    for key in org.list(_KEY, server["id"]):
        _retire(org, server["id"], key)
    org.put(_KEY, {**following, "status": "ACTIVE"}, server["id"])
    _sign_with(org, server, following["kid"])
    return json_reply(_in_order(org, server["id"]))


def _take_next(org: Org, server: Body) -> Body:
    keys = org.list(_KEY, server["id"])
    waiting = (key for key in keys if key["status"] == "NEXT")
    return next(waiting, None) or build_key(org.ids, server, org.ids.make_kid(), "NEXT")


def _retire(org: Org, server_id: str, key: Body) -> None:
    if key["status"] == "ACTIVE":
        org.put(_KEY, {**key, "status": "EXPIRED"}, server_id)
    elif key["status"] == "EXPIRED":
        org.remove(_KEY, key["kid"], server_id)


def _sign_with(org: Org, server: Body, kid: str) -> None:
    """Have the server itself say which key it uses, and since when."""
    signing, rotation = server["credentials"]["signing"], build_rotation(org.clock())
    changed = {name: value for name, value in rotation.items() if name in signing}
    signing |= {**changed, "kid": kid, "rotationMode": signing["rotationMode"]}
    org.put(_SERVER, server)


HANDLERS: Mapping[str, Handler] = {
    "listAuthorizationServerKeys": _list,
    "getAuthorizationServerKey": single(_KEY),
    "rotateAuthorizationServerKeys": _rotate,
    **resource_keys.HANDLERS,
}

"""Keys of resource servers, for which an authorization server encrypts its access tokens."""

from collections.abc import Mapping
from typing import Any

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.links import credential_links
from tenants.sandbox.operations.fields import read_choice, read_object, refuse
from tenants.sandbox.operations.jwk_bodies import require_length
from tenants.sandbox.operations.reads import listing, single
from tenants.sandbox.operations.writes import find, invalid, now, read_text
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Refusal, Reply, json_reply
from tenants.sandbox.resolve import resolve
from tenants.sandbox.seed.server_extras import build_resource_key, resource_key_href
from tenants.sandbox.store import Body

_SERVER, _KEY = "authorization_server", "as_resource_key"
_MAX_KEYS = 5
_LONGEST = 2048

#: What a server's own ``jwks`` shows of each key.
_SHOWN = ("kty", "id", "status", "kid", "use", "e", "n")


def _add(call: Call) -> Reply:
    (server_id,) = resolve(call.org, (_SERVER,), call.ids)
    key = _read_key(call.json_object())
    if key["status"] == "ACTIVE":
        raise _bad_key(
            "Keys cannot be created with an ''ACTIVE'' status. "
            "Create an ''INACTIVE'' key and then activate it."
        )
    others = call.org.list(_KEY, server_id)
    _require_room([*others, key])
    _require_unique([*others, key])
    key_id = _put(call.org, server_id, key)
    show_keys(call.org, server_id)
    return json_reply(call.org.get(_KEY, key_id, server_id), 201)


def _delete(call: Call) -> Reply:
    (server_id,), key = find(call, _KEY)
    if key["status"] == "ACTIVE":
        raise _bad_key(
            "''ACTIVE'' keys cannot be deleted. Activate another key before deleting this one."
        )
    call.org.remove(_KEY, key["id"], server_id)
    show_keys(call.org, server_id)
    return Reply(204)


def _activate(call: Call) -> Reply:
    """One key at most is ACTIVE: whichever was becomes INACTIVE by itself."""
    (server_id,), key = find(call, _KEY)
    for other in call.org.list(_KEY, server_id):
        _set_status(call.org, server_id, other, "ACTIVE" if other == key else "INACTIVE")
    show_keys(call.org, server_id)
    return json_reply(call.org.get(_KEY, key["id"], server_id))


def _deactivate(call: Call) -> Reply:
    (server_id,), key = find(call, _KEY)
    encrypts = "accessTokenEncryptedResponseAlgorithm" in call.org.get(_SERVER, server_id)
    if encrypts and key["status"] == "ACTIVE":
        raise _bad_key(
            "You cannot deactivate the active key when access token encryption is enabled."
        )
    _set_status(call.org, server_id, key, "INACTIVE")
    show_keys(call.org, server_id)
    return json_reply(call.org.get(_KEY, key["id"], server_id))


def replace_keys(org: Org, server_id: str, keys: list[Body]) -> None:
    """Take over the key set that came with a server itself."""
    for old in org.list(_KEY, server_id):
        org.remove(_KEY, old["id"], server_id)
    for key in keys:
        _put(org, server_id, key)
    show_keys(org, server_id)


def read_key_set(body: Body) -> list[Body] | None:
    """The keys of ``jwks``; None where the body has none to say.

    Raises:
        Refusal: 400 for a key no server may have, more than five, or more than one ACTIVE.
    """
    items: Any = read_object(body, "jwks").get("keys")
    if items is None:
        return None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise refuse("jwks", "The field must be a list of keys")
    keys = [_read_key(item) for item in items]
    _require_room(keys)
    _require_unique(keys)
    if sum(key["status"] == "ACTIVE" for key in keys) > 1:
        raise _bad_key("The 'jwks' can have only one active key.")
    return keys


def show_keys(org: Org, server_id: str) -> None:
    """Have the server itself show its keys as they are now."""
    server = org.get(_SERVER, server_id)
    links, _ = server.pop("_links"), server.pop("jwks", None)
    keys = [{name: key[name] for name in _SHOWN} for key in org.list(_KEY, server_id)]
    jwks = {"jwks": {"keys": keys}} if keys else {}
    org.put(_SERVER, {**server, **jwks, "_links": links})


def _read_key(body: Body) -> Body:
    read_choice(body, "kty", ("RSA",))
    read_choice(body, "use", ("enc",))
    exponent, modulus = (read_text(body, name, longest=_LONGEST) for name in ("e", "n"))
    require_length(modulus)
    return {
        "status": read_choice(body, "status", ("ACTIVE", "INACTIVE"), "INACTIVE"),
        "kid": read_text(body, "kid", longest=255, required=False),
        "kty": "RSA",
        "use": "enc",
        "e": exponent,
        "n": modulus,
    }


def _require_room(keys: list[Body]) -> None:
    if len(keys) > _MAX_KEYS:
        raise _bad_key(
            "You can't create a new key. You have reached the maximum number of keys allowed "
            f"({_MAX_KEYS}). To add another key, you must first delete an existing one."
        )


def _require_unique(keys: list[Body]) -> None:
    """A single key may do without a ``kid``; of two or more each needs its own."""
    kids = {key["kid"] for key in keys}
    if len(keys) > 1 and (len(kids) < len(keys) or None in kids):
        raise _bad_key("Each key must have a unique ''kid''.")


def _put(org: Org, server_id: str, key: Body) -> str:
    built = build_resource_key(org.ids, org.get(_SERVER, server_id), key, (now(org), now(org)))
    return org.put(_KEY, built, server_id)


def _set_status(org: Org, server_id: str, key: Body, status: str) -> None:
    if key["status"] != status:
        href = resource_key_href(org.get(_SERVER, server_id), key["id"])
        links = credential_links(href, status)
        changed = {"status": status, "lastUpdated": now(org), "_links": links}
        org.put(_KEY, {**key, **changed}, server_id)


def _bad_key(text: str) -> Refusal:
    return invalid("JsonWebKey", text)


HANDLERS: Mapping[str, Handler] = {
    "listOAuth2ResourceServerJsonWebKeys": listing(_KEY),
    "addOAuth2ResourceServerJsonWebKey": _add,
    "getOAuth2ResourceServerJsonWebKey": single(_KEY),
    "deleteOAuth2ResourceServerJsonWebKey": _delete,
    "activateOAuth2ResourceServerJsonWebKey": _activate,
    "deactivateOAuth2ResourceServerJsonWebKey": _deactivate,
}

"""Public keys of an OAuth app: they verify what it signs, or encrypt what it is sent."""

from collections.abc import Mapping
from typing import Any

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.links import credential_links
from tenants.sandbox.operations.jwk_bodies import read_jwk, require_fitting
from tenants.sandbox.operations.oauth_clients import find_client, method_of
from tenants.sandbox.operations.reads import listing, single
from tenants.sandbox.operations.writes import find, invalid, now, set_status, switch
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.store import Body

_MOST = 50

#: What a key shows inside an app, by type; ``crv`` is there and null in every recorded one.
_SHOWN_IN_APP = {
    "RSA": ("kty", "id", "status", "kid", "use", "e", "n"),
    "EC": ("kty", "id", "status", "kid", "use", "x", "y", "crv"),
}


def add_jwk(org: Org, app_id: str, key: Body) -> Body:
    """Store a key that `read_jwk` read, and return it as Okta shows it."""
    moment = now(org)
    key = {"id": org.ids.make("pks"), **key, "created": moment, "lastUpdated": moment}
    key = _relink(org, app_id, key)
    org.put("app_jwk", key, app_id)
    return key


def replace_jwks(org: Org, app_id: str, keys: list[Body]) -> None:
    """Make these the app's keys; one that was there before, by ``kid``, stays what it was."""
    before = {key["kid"]: key for key in org.list("app_jwk", app_id) if key["kid"]}
    for key in org.list("app_jwk", app_id):
        org.remove("app_jwk", key["id"], app_id)
    for key in keys:
        known = before.get(key["kid"], {})
        same = all(known.get(field) == value for field, value in key.items())
        org.put("app_jwk", known, app_id) if same else add_jwk(org, app_id, key)
    show_jwks(org, app_id)


def show_jwks(org: Org, app_id: str) -> None:
    """Write an app's keys into the app, where every reading of it shows them."""
    app = org.get("app", app_id)
    client: Body = app["settings"]["oauthClient"]
    client.pop("jwks", None)
    if keys := org.list("app_jwk", app_id):
        shown = [{field: key.get(field) for field in _SHOWN_IN_APP[key["kty"]]} for key in keys]
        client["jwks"] = {"keys": shown}
    org.put("app", app)


def _add(call: Call) -> Reply:
    app, key = find_client(call), read_jwk(call.json_object())
    keys = call.org.list("app_jwk", app["id"])
    if len(keys) >= _MOST:
        text = f"You have reached the maximum number of keys allowed ({_MOST})."
        more = "To add another key, you must first delete an existing one."
        raise invalid("JsonWebKey", f"You can't create a new key. {text} {more}")
    require_fitting([*keys, key])
    added = add_jwk(call.org, app["id"], key)
    show_jwks(call.org, app["id"])
    return json_reply(added, 201)


def _list(call: Call) -> Reply:
    find_client(call)
    return listing("app_jwk")(call)


def _delete(call: Call) -> Reply:
    (app_id,), key = find(call, "app_jwk")
    if key["status"] == "ACTIVE":
        text = "You can't delete an active JSON Web Key. Deactivate the key before deleting it."
        raise invalid("JsonWebKey", text)
    call.org.remove("app_jwk", key["id"], app_id)
    show_jwks(call.org, app_id)
    return Reply(204)


def _activate(call: Call, key: Body) -> Body:
    """There is one active encryption key at a time: this one takes the place of that one."""
    if key["use"] == "enc":
        for other in _others(call, key):
            if other["use"] == "enc" and other["status"] == "ACTIVE":
                other = set_status(call.org, other, "INACTIVE")
                call.org.put("app_jwk", _relink(call.org, call.ids[0], other), call.ids[0])
    return _finish(call, key)


def _finish(call: Call, key: Body) -> Body:
    app_id = call.ids[0]
    key = _relink(call.org, app_id, key)
    call.org.put("app_jwk", key, app_id)
    show_jwks(call.org, app_id)
    return key


def _refuse_needed(call: Call, key: Body) -> None:
    app = find_client(call)
    if key["use"] == "enc":
        raise invalid("JsonWebKey", "You can't deactivate the active encryption key.")
    left = [
        other
        for other in _others(call, key)
        if other["status"] == "ACTIVE" and other["use"] != "enc"
    ]
    if method_of(app) == "private_key_jwt" and not left:
        text = "Can't deactivate the only active JSON Web Key when the value for"
        raise invalid("JsonWebKey", f"{text} `token_endpoint_auth_method` is `private_key_jwt`.")
    wanted: Any = app["settings"]["oauthClient"].get("request_object_signing_alg")
    if wanted and wanted == key.get("alg") and wanted not in [other.get("alg") for other in left]:
        text = "The `jwks` must contain at least one key with an algorithm matching the"
        raise invalid("JsonWebKey", f"{text} `request_object_signature_algorithm`.")


def _others(call: Call, key: Body) -> list[Body]:
    return [other for other in call.org.list("app_jwk", call.ids[0]) if other["id"] != key["id"]]


def _relink(org: Org, app_id: str, key: Body) -> Body:
    """An active encryption key has no links: nothing may be done to it by itself."""
    links = {}
    if key["status"] == "INACTIVE" or key["use"] != "enc":
        href = f"https://{org.host}/api/v1/apps/{app_id}/credentials/jwks/{key['id']}"
        links = {"_links": credential_links(href, key["status"])}
    return {**{name: value for name, value in key.items() if name != "_links"}, **links}


HANDLERS: Mapping[str, Handler] = {
    "listJwk": _list,
    "addJwk": _add,
    "getJwk": single("app_jwk"),
    "deletejwk": _delete,
    "activateOAuth2ClientJsonWebKey": switch("app_jwk", "ACTIVE", follow=_activate, shows=True),
    "deactivateOAuth2ClientJsonWebKey": switch(
        "app_jwk", "INACTIVE", _refuse_needed, follow=_finish, shows=True
    ),
}

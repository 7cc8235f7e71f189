"""An app's connection to the service behind it, over which it provisions users."""

import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.certificates import new_private_key, show_numbers
from tenants.sandbox.kinds import KINDS
from tenants.sandbox.links import link
from tenants.sandbox.operations.app_features import add_features, show_features
from tenants.sandbox.operations.connection_kinds import (
    find_connection,
    find_kind,
    read_connection,
)
from tenants.sandbox.operations.writes import invalid
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.resolve import not_found, resolve
from tenants.sandbox.store import Body

#: The whole answer of an app that cannot provision, as recorded.
_UNKNOWN = {"status": "UNKNOWN", "profile": {"authScheme": "UNKNOWN"}}

_GUIDANCE = "Open this address in a browser and agree, to complete the connection."


def _get(call: Call) -> Reply:
    return json_reply(_show(call.org, _find_app(call)))


def _update(call: Call) -> Reply:
    """Set how to connect: DISABLED until it is activated, and what it was told stays secret.

    An app that cannot provision accepts to be told so (recorded), and nothing else.
    """
    app = _find_app(call)
    kind = find_kind(call.org, app)
    shown = read_connection(kind, call.json_object())
    if kind:
        connection = {"id": "default", "status": "DISABLED", **shown}
        connection["state"] = secrets.token_urlsafe(16) if kind.asks_consent else ""
        if kind.signs:
            connection["jwk"] = _make_jwk(call.org)
        call.org.put("app_connection", connection, app["id"])
        show_features(call.org, app["id"], enabled=False)
    if call.query.get("activate") == "true":
        _enable(call.org, app)
    return json_reply(_show(call.org, app))


def _make_jwk(org: Org) -> Body:
    numbers = show_numbers(new_private_key().public_key())
    return {"kid": org.ids.make_kid(), "kty": "RSA", "alg": "RSA", "use": "sig", **numbers}


def _activate(call: Call) -> Reply:
    _enable(call.org, _find_app(call))
    return Reply(204)


def _enable(org: Org, app: Body) -> None:
    """Nothing happens, and nobody is told, before a connection is set and consented to."""
    connection = find_connection(org, app)
    if connection.get("authScheme") and not connection["state"]:
        org.put("app_connection", {**connection, "status": "ENABLED"}, app["id"])
        add_features(org, app["id"])


def _deactivate(call: Call) -> Reply:
    app = _find_app(call)
    connection = find_connection(call.org, app)
    if connection["status"] == "ENABLED":
        call.org.put("app_connection", {**connection, "status": "DISABLED"}, app["id"])
        show_features(call.org, app["id"], enabled=False)
    return Reply(204)


def _get_jwks(call: Call) -> Reply:
    """The key that the target org of an Org2Org app should trust; no other app has one."""
    app = _find_app(call)
    connection = find_connection(call.org, app)
    if connection.get("authScheme") != "OAUTH2" or "jwk" not in connection:
        raise not_found(KINDS["app_connection"], app["id"])
    return json_reply({"jwks": {"keys": [connection["jwk"]]}})


def _verify(call: Call) -> Reply:
    """The service sends the admin back here; what it brings along is good for one use."""
    name, app_id = call.ids
    resolve(call.org, ("app",), (app_id,))
    app = call.org.get("app", app_id)
    kind = find_kind(call.org, app)
    if app["name"] != name or kind is None or not kind.asks_consent:
        raise not_found(KINDS["app"], app_id)
    for field in ("code", "state"):
        if not call.query.get(field):
            raise invalid(field, f"{field}: The field cannot be left blank")
    connection = find_connection(call.org, app)
    if call.query["state"] != connection.get("state"):
        raise invalid("state", "state: The state is not known, or was used before.")
    call.org.put("app_connection", {**connection, "state": ""}, app_id)
    return Reply(204)


def _find_app(call: Call) -> Body:
    (app_id,) = resolve(call.org, ("app",), call.ids)
    return call.org.get("app", app_id)


def _show(org: Org, app: Body) -> Body:
    kind = find_kind(org, app)
    if kind is None:
        return _UNKNOWN
    connection = find_connection(org, app)
    scheme = connection.get("authScheme", kind.schemes[0])
    # Named outside of the profile for tokens alone; a token nobody set yet has no profile.
    outside: Body = {"authScheme": scheme} if scheme == "TOKEN" else {}
    signing = {name: connection[name] for name in ("clientId", "signing") if name in connection}
    inside: Body = {"profile": {"authScheme": scheme, **signing}}
    return {
        **outside,
        "status": connection["status"],
        **{name: connection[name] for name in ("baseUrl",) if name in connection},
        **(inside if "authScheme" in connection or not outside else {}),
        "_links": _build_links(org, app, connection),
    }


def _build_links(org: Org, app: Body, connection: Body) -> Body:
    here = f"https://{org.host}/api/v1/apps/{app['id']}/connections/default"
    change = "deactivate" if connection["status"] == "ENABLED" else "activate"
    links: Body = {
        "self": link(here, "POST", "GET"),
        change: link(f"{here}/lifecycle/{change}", "POST"),
    }
    if connection.get("state"):
        hints = {"allow": ["GET"], "guidance": [_GUIDANCE]}
        links["authorize"] = {"href": _authorize_href(org, app, connection), "hints": hints}
    return links


def _authorize_href(org: Org, app: Body, connection: Body) -> str:
    query = {
        "response_type": "code",
        "state": connection["state"],
        "client_id": app["id"],
        "redirect_uri": f"https://{org.host}/admin/app/{app['name']}/oauth2/callback",
    }
    return f"https://login.example.com/{app['name']}/oauth2/authorize?{urlencode(query)}"


HANDLERS: Mapping[str, Handler] = {
    "getDefaultProvisioningConnectionForApplication": _get,
    "updateDefaultProvisioningConnectionForApplication": _update,
    "getUserProvisioningConnectionJWKS": _get_jwks,
    "activateDefaultProvisioningConnectionForApplication": _activate,
    "deactivateDefaultProvisioningConnectionForApplication": _deactivate,
    "verifyProvisioningConnectionForApplication": _verify,
}

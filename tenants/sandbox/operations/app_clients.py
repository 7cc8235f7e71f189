"""An app's OAuth client as it is stored: its secrets and public keys, each below the app."""

from tenants.sandbox.operations.app_jwks import replace_jwks
from tenants.sandbox.operations.app_secrets import add_secret
from tenants.sandbox.operations.oauth_clients import client_of, method_of
from tenants.sandbox.operations.oidc_bodies import (
    check_client,
    needs_secret,
    read_client_secret,
    read_jwks,
)
from tenants.sandbox.operations.writes import invalid
from tenants.sandbox.org import Org
from tenants.sandbox.store import Body


def put_app(org: Org, app: Body, body: Body, before: Body | None = None) -> Body:
    """Store an app that a client sent as ``body``, and return the answer to that client.

    This is the one answer about an app that shows its client secret.

    Raises:
        Refusal: 400 where its OAuth client breaks a rule; nothing is stored then.
    """
    if not client_of(app):
        org.put("app", app)
        return org.get("app", app["id"])
    if before:
        _keep_client_id(app, body, before)
    check_client(app, _other_clients(org, app["id"]))
    value, keys = read_client_secret(body, method_of(app)), read_jwks(body)
    org.put("app", app)
    replace_jwks(org, app["id"], keys)
    return _reveal(org.get("app", app["id"]), _settle_secret(org, app, value))


def _keep_client_id(app: Body, body: Body, before: Body) -> None:
    kept: str = client_of(before)["client_id"]
    if client_of(body).get("client_id") not in (None, kept):
        raise invalid("client_id", "client_id: The client ID cannot be changed.")
    client_of(app)["client_id"] = kept


def _other_clients(org: Org, app_id: str) -> set[str]:
    apps = org.store.collection("app").bodies()
    return {str(client_of(app).get("client_id")) for app in apps if app["id"] != app_id}


def _settle_secret(org: Org, app: Body, value: str) -> str:
    """Make what is stored fit the client: ``value``, or else the newest active secret there is."""
    app_id, secrets = app["id"], org.list("app_secret", app["id"])
    if not needs_secret(method_of(app)):
        for secret in secrets:
            org.remove("app_secret", secret["id"], app_id)
        return ""
    newest = next((secret for secret in reversed(secrets) if secret["status"] == "ACTIVE"), None)
    if newest and value in ("", newest["client_secret"]):
        return str(newest["client_secret"])
    if newest:
        org.remove("app_secret", newest["id"], app_id)
    return str(add_secret(org, app_id, value)["client_secret"])


def _reveal(app: Body, secret: str) -> Body:
    if not secret:
        return app
    client = client_of(app)
    shown: Body = {}
    for name, value in client.items():
        shown[name] = value
        if name == "client_id":
            shown["client_secret"] = secret
    app["credentials"]["oauthClient"] = shown
    return app

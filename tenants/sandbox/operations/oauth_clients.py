"""Apps that are OAuth clients: only these have secrets, public keys and grants."""

from typing import Any

from tenants.sandbox.call import Call
from tenants.sandbox.installs import SERVICE
from tenants.sandbox.org import Org
from tenants.sandbox.replies import okta_error
from tenants.sandbox.resolve import resolve
from tenants.sandbox.store import Body


def find_client(call: Call) -> Body:
    """A copy of the app at the request's path, which has an OAuth client in it.

    Raises:
        Refusal: 404 for any other app; Okta's own apps are OpenID Connect apps without a client.
    """
    (app_id,) = resolve(call.org, ("app",), call.ids[:1])
    app = call.org.get("app", app_id)
    if not client_of(app):
        summary = f"Not found: Resource not found: {app_id} (PublicClientApp)"
        raise okta_error(404, "E0000007", summary)
    return app


def client_of(app: Body) -> Body:
    """Client ID and method of authentication; empty for an app that is no OAuth client."""
    client: Any = (app.get("credentials") or {}).get("oauthClient")
    return client if isinstance(client, dict) else {}


def method_of(app: Body) -> str:
    return str(client_of(app).get("token_endpoint_auth_method"))


def known_clients(org: Org) -> set[str]:
    """Client IDs of all apps and of all installed integrations."""
    apps = (client_of(app).get("client_id") for app in org.store.collection("app").bodies())
    services = (service["id"] for service in org.store.collection(SERVICE).bodies())
    return {client_id for client_id in (*apps, *services) if client_id}

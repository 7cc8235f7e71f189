"""The OAuth clients an org knows."""

from tenants.sandbox.installs import SERVICE
from tenants.sandbox.operations.oauth_clients import client_of
from tenants.sandbox.org import Org


def known_clients(org: Org) -> set[str]:
    """Client IDs of all apps and of all installed integrations."""
    apps = (client_of(app).get("client_id") for app in org.store.collection("app").bodies())
    services = (service["id"] for service in org.store.collection(SERVICE).bodies())
    return {client_id for client_id in (*apps, *services) if client_id}

"""The OAuth clients among an org's apps."""

from tenants.sandbox.org import Org


def clients_of(org: Org, application_type: str) -> list[str]:
    """Client ids of the ACTIVE apps of one OAuth application type."""
    return [
        app["credentials"]["oauthClient"]["client_id"]
        for app in org.store.collection("app").bodies()
        if app["status"] == "ACTIVE"
        and app["settings"].get("oauthClient", {}).get("application_type") == application_type
    ]

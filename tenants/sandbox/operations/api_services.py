"""API service integrations installed in an org."""

from collections.abc import Mapping

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.replies import Reply, json_reply


def _list(call: Call) -> Reply:
    """One instance, whose id is its client ID; none after it was revoked."""
    org = call.org
    if not org.client_id:
        return json_reply([])
    host = f"https://{org.host}"
    href = f"{host}/integrations/api/v1/api-services/{org.client_id}"
    instance = {
        "id": org.client_id,
        "type": "sandbox_integration",
        "name": "Sandbox integration",
        "createdAt": "2025-01-15T09:00:00.000Z",
        "createdBy": org.admin_id,
        "configGuideUrl": "https://example.com/okta-guide",
        "grantedScopes": sorted(org.granted),
        "_links": {
            "self": {"href": href},
            "client": {"href": f"{host}/oauth2/v1/clients/{org.client_id}"},
        },
    }
    return json_reply([instance])


HANDLERS: Mapping[str, Handler] = {"listApiServiceIntegrationInstances": _list}

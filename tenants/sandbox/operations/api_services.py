"""API service integrations: instances such as our own in an org, and their secrets."""

import re
from collections.abc import Mapping
from typing import Any

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.installs import MAX_SECRETS, SECRET, SERVICE
from tenants.sandbox.operations.reads import listing, single
from tenants.sandbox.operations.writes import find, invalid, read_text
from tenants.sandbox.paging import Paging
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.resolve import resolve
from tenants.sandbox.scopes import KNOWN_SCOPES
from tenants.sandbox.store import Body

#: Okta alone chooses the length of these pages; it has not said what it is.
_PAGE = 20

#: How the spec writes the key of a catalog entry: lower-case words joined by underscores.
_TYPE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
_LONGEST_TYPE = 100


def _create(call: Call) -> Reply:
    """Install another integration; its secret is in this answer and in no later one."""
    body = call.json_object()
    kind = read_text(body, "type", longest=_LONGEST_TYPE) or ""
    if not _TYPE.fullmatch(kind):
        raise invalid("type", "type: The integration is not in the catalog.")
    granted, properties = _read_scopes(body), _read_properties(body)
    client_id = call.org.installs.add(kind, granted, properties)
    created = call.org.get(SERVICE, client_id)
    links = created.pop("_links")
    secret = call.org.installs.active_values(client_id)[0]
    return json_reply({**created, "clientSecret": secret, "_links": links}, 201)


def _read_scopes(body: Body) -> list[str]:
    scopes: Any = body.get("grantedScopes")
    if not isinstance(scopes, list) or not scopes:
        raise invalid("grantedScopes", "grantedScopes: The field cannot be left blank")
    if not all(isinstance(scope, str) and scope in KNOWN_SCOPES for scope in scopes):
        raise invalid("grantedScopes", "grantedScopes: One or more scopes do not exist.")
    return list(dict.fromkeys(scopes))


def _read_properties(body: Body) -> Body | None:
    """App properties, which Okta's examples show as texts and its schema as objects."""
    properties: Any = body.get("properties")
    if properties is None:
        return None
    if not isinstance(properties, dict) or not all(
        isinstance(value, str | dict) for value in properties.values()
    ):
        raise invalid("properties", "properties: The field must be an object of texts")
    return properties


def _delete(call: Call) -> Reply:
    """What the *Revoke* button does: client, secrets and tokens are gone."""
    _, body = find(call, SERVICE)
    call.org.uninstall(body["id"])
    return Reply(204)


def _create_secret(call: Call) -> Reply:
    (client_id,) = resolve(call.org, (SERVICE,), call.ids)
    if len(call.org.list(SECRET, client_id)) >= MAX_SECRETS:
        text = "You've reached the maximum number of client secrets per client."
        raise invalid("OAuth2ClientSecretMediated", text)
    return json_reply(call.org.installs.add_secret(client_id), 201)


def _delete_secret(call: Call) -> Reply:
    (client_id,), body = find(call, SECRET)
    if body["status"] == "ACTIVE":
        text = "You can't delete an active client secret. Deactivate the secret before deleting it."
        raise invalid("OAuth2ClientSecretMediated", text)
    call.org.installs.remove_secret(client_id, body["id"])
    return Reply(204)


def _set_secret_status(status: str) -> Handler:
    """Even the only ACTIVE secret may be deactivated: no refusal of it is documented here."""

    def answer(call: Call) -> Reply:
        (client_id,), body = find(call, SECRET)
        if body["status"] != status:
            call.org.installs.set_secret_status(client_id, body["id"], status)
        return json_reply(call.org.get(SECRET, body["id"], client_id))

    return answer


HANDLERS: Mapping[str, Handler] = {
    "listApiServiceIntegrationInstances": listing(SERVICE, Paging(default=_PAGE, fixed=True)),
    "createApiServiceIntegrationInstance": _create,
    "getApiServiceIntegrationInstance": single(SERVICE),
    "deleteApiServiceIntegrationInstance": _delete,
    "listApiServiceIntegrationInstanceSecrets": listing(SECRET),
    "createApiServiceIntegrationInstanceSecret": _create_secret,
    "deleteApiServiceIntegrationInstanceSecret": _delete_secret,
    "activateApiServiceIntegrationInstanceSecret": _set_secret_status("ACTIVE"),
    "deactivateApiServiceIntegrationInstanceSecret": _set_secret_status("INACTIVE"),
}

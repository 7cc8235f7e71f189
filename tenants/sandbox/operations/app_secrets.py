"""Client secrets of an OAuth app: two at most, and in clear whenever they are read."""

import secrets
from collections.abc import Mapping
from typing import Any

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.installs import MAX_SECRETS, hash_secret
from tenants.sandbox.links import credential_links
from tenants.sandbox.operations.oauth_clients import find_client, method_of
from tenants.sandbox.operations.reads import listing, single
from tenants.sandbox.operations.writes import find, invalid, malformed, now, removal, switch
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.store import Body

_SHORTEST, _LONGEST = 14, 100
#: RFC 7518 §3.2: a key for HS256 is at least as long as its hash.
_SHORTEST_FOR_JWT = 32

#: The name under which Okta refuses what would break the set of secrets.
_SET = "OAuth2ClientSecretMediated"


def add_secret(
    org: Org, app_id: str, value: str = "", *, status: str = "ACTIVE", created: str = ""
) -> Body:
    """Store a secret, a generated one unless ``value`` is given, and return it as Okta shows it."""
    value = value or secrets.token_urlsafe(48)
    okta_id, moment = org.ids.make("ocs"), created or now(org)
    secret = {
        "id": okta_id,
        "created": moment,
        "lastUpdated": moment,
        "status": status,
        "client_secret": value,
        "secret_hash": hash_secret(value),
        "_links": credential_links(_href(org, app_id, okta_id), status),
    }
    org.put("app_secret", secret, app_id)
    return secret


def read_secret(body: Body, method: str) -> str:
    """The secret a client chose; empty where it leaves that to Okta.

    Raises:
        Refusal: 400 with Okta's own words for the rule it breaks.
    """
    value: Any = body.get("client_secret")
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        raise malformed()
    if fault := _find_fault(value, method):
        raise invalid("client_secret", fault)
    return value


def _find_fault(value: str, method: str) -> str:
    name = "'client_secret'"
    if method == "private_key_jwt":
        return f"{name} can't be used when 'token_endpoint_auth_method' is '{method}'."
    if len(value) > _LONGEST:
        return f"client_secret: {name} can't be more than '{_LONGEST}' characters long."
    if len(value) < _SHORTEST:
        return f"client_secret: {name} must be at least '{_SHORTEST}' characters long."
    if method == "client_secret_jwt" and len(value) < _SHORTEST_FOR_JWT:
        least = f"client_secret: {name} must be at least '{_SHORTEST_FOR_JWT}' characters long"
        return f"{least} when 'token_endpoint_auth_method' is '{method}'."
    if not all(" " <= character <= "~" for character in value):
        return f"client_secret: '{name}' must only contain printable ASCII: [x20-x7E]+"
    return ""


def _create(call: Call) -> Reply:
    app = find_client(call)
    body = call.json_object(optional=True)
    value, status = read_secret(body, method_of(app)), body.get("status") or "ACTIVE"
    if status not in ("ACTIVE", "INACTIVE"):
        raise malformed()
    if len(call.org.list("app_secret", app["id"])) >= MAX_SECRETS:
        raise invalid(_SET, "You've reached the maximum number of client secrets per client.")
    return json_reply(add_secret(call.org, app["id"], value, status=status), 201)


def _list(call: Call) -> Reply:
    find_client(call)
    return listing("app_secret")(call)


def _refuse_active(call: Call, secret: Body) -> None:
    if secret["status"] == "ACTIVE":
        text = "You can't delete an active client secret. Deactivate the secret before deleting it."
        raise invalid(_SET, text)


def _refuse_only_active(call: Call, secret: Body) -> None:
    (app_id,), _ = find(call, "app_secret")
    active = [other for other in call.org.list("app_secret", app_id) if other["status"] == "ACTIVE"]
    if len(active) < MAX_SECRETS:
        raise invalid(_SET, "You can't deactivate the only active client secret.")


def _relink(call: Call, secret: Body) -> Body:
    href = _href(call.org, call.ids[0], secret["id"])
    return {**secret, "_links": credential_links(href, secret["status"])}


def _href(org: Org, app_id: str, okta_id: str) -> str:
    return f"https://{org.host}/api/v1/apps/{app_id}/credentials/secrets/{okta_id}"


HANDLERS: Mapping[str, Handler] = {
    "listOAuth2ClientSecrets": _list,
    "createOAuth2ClientSecret": _create,
    "getOAuth2ClientSecret": single("app_secret"),
    "deleteOAuth2ClientSecret": removal("app_secret", _refuse_active),
    "activateOAuth2ClientSecret": switch("app_secret", "ACTIVE", follow=_relink, shows=True),
    "deactivateOAuth2ClientSecret": switch(
        "app_secret", "INACTIVE", _refuse_only_active, follow=_relink, shows=True
    ),
}

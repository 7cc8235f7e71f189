"""Push providers: the accounts at Apple and Google that carry an org's push messages."""

import re
from collections.abc import Mapping

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.operations.fields import dig, read_choice, read_object, refuse, taken
from tenants.sandbox.operations.reads import single
from tenants.sandbox.operations.writes import find, invalid, now, read_text, removal
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, json_reply, okta_error
from tenants.sandbox.store import Body

_KIND = "push_provider"
_TYPES = ("APNS", "FCM")

#: Ids of keys and teams in Apple's developer accounts.
_APPLE_ID = re.compile(r"[A-Za-z0-9_-]{10}")
_LONGEST_KEY = 10_000


def _list(call: Call) -> Reply:
    """All at once, or all of one type."""
    if "type" in call.query:
        read_choice(call.query, "type", _TYPES)
    wanted = call.query.get("type")
    providers = call.org.list(_KIND)
    return json_reply([body for body in providers if wanted in (None, body["providerType"])])


def _create(call: Call) -> Reply:
    org, body = call.org, call.json_object()
    _require_both(body)
    provider_type = read_choice(body, "providerType", _TYPES)
    okta_id = org.ids.make("ppc")
    href = f"https://{org.host}/api/v1/push-providers/{okta_id}"
    provider = {
        "id": okta_id,
        "providerType": provider_type,
        "name": _read_name(org, body, okta_id),
        "lastUpdatedDate": now(org),
        "configuration": _READERS[provider_type](body, None),
        "_links": {"self": {"href": href, "hints": {"allow": ["GET", "PUT", "DELETE"]}}},
    }
    org.put(_KIND, provider)
    return json_reply(provider)


def _replace(call: Call) -> Reply:
    """The key may be left out and then stays as it is (recorded)."""
    _, provider = find(call, _KIND)
    org, body = call.org, call.json_object()
    _require_both(body)
    if read_choice(body, "providerType", _TYPES) != provider["providerType"]:
        raise refuse("providerType", "The type of a push provider cannot be changed")
    read = _READERS[provider["providerType"]]
    provider |= {
        "name": _read_name(org, body, provider["id"]),
        "lastUpdatedDate": now(org),
        "configuration": read(body, provider["configuration"]),
    }
    org.put(_KIND, provider)
    return json_reply(provider)


def _require_both(body: Body) -> None:
    """Okta names both at once, in the causes; its summary only the first (recorded)."""
    blank = [name for name in ("providerType", "configuration") if body.get(name) is None]
    if blank:
        raise invalid(blank[0], *(f"{name}: The field cannot be left blank" for name in blank))


def _read_name(org: Org, body: Body, okta_id: str) -> str:
    name = read_text(body, "name", longest=255) or ""
    if any(other["name"] == name and other["id"] != okta_id for other in org.list(_KIND)):
        raise taken("name")
    return name


def _read_apns(body: Body, before: Body | None) -> Body:
    """What may be seen of an account at Apple; the key itself is looked at and forgotten."""
    configuration = read_object(body, "configuration")
    for name in ("keyId", "teamId"):
        if not _APPLE_ID.fullmatch(read_text(configuration, name, longest=10) or ""):
            raise refuse(f"configuration.{name}", "must be 10 characters long")
    key = read_text(configuration, "tokenSigningKey", longest=_LONGEST_KEY, required=before is None)
    if key and "PRIVATE KEY" not in key:
        raise refuse("configuration.tokenSigningKey", "must be a private key in PEM form")
    file_name = read_text(configuration, "fileName", longest=255, required=False)
    shown = {"fileName": file_name} if file_name else {}
    return {**shown, "teamId": configuration["teamId"], "keyId": configuration["keyId"]}


def _read_fcm(body: Body, before: Body | None) -> Body:
    """Of an account at Google only the project may be seen, and the file it came in."""
    configuration = read_object(body, "configuration")
    account = dig(body, "configuration.serviceAccountJson")
    if account is None and before is not None:
        project = before["projectId"]
    else:
        account = read_object(body, "configuration.serviceAccountJson")
        for name in ("project_id", "private_key", "client_email"):
            read_text(account, name, longest=_LONGEST_KEY)
        project = account["project_id"]
    file_name = read_text(configuration, "fileName", longest=255, required=False)
    return {"projectId": project, **({"fileName": file_name} if file_name else {})}


_READERS = {"APNS": _read_apns, "FCM": _read_fcm}


def _keep_used(call: Call, body: Body) -> None:
    if body["id"] in call.org.push_providers_in_use:
        summary = "because it is being used by a custom app authenticator."
        raise okta_error(409, "E0000187", f"Cannot delete push provider {summary}")


HANDLERS: Mapping[str, Handler] = {
    "listPushProviders": _list,
    "createPushProvider": _create,
    "getPushProvider": single(_KIND),
    "replacePushProvider": _replace,
    "deletePushProvider": removal(_KIND, _keep_used),
}

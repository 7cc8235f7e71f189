"""Key credentials of an app: certificates it signs with, by ``kid``."""

from collections.abc import Mapping

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.certificates import issue_certificate, show_certificate
from tenants.sandbox.operations.reads import listing, single
from tenants.sandbox.operations.writes import find, invalid, now
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.resolve import resolve
from tenants.sandbox.store import Body

_VALID_YEARS = range(2, 11)


def add_key(call: Call, app_id: str, key: Body) -> Reply:
    """Store a key credential and say where it is."""
    call.org.put("app_key", key, app_id)
    here = f"https://{call.org.host}/api/v1/apps/{app_id}/credentials/keys/{key['kid']}"
    return json_reply(key, 201, [("location", here)])


def _generate(call: Call) -> Reply:
    (app_id,) = resolve(call.org, ("app",), call.ids)
    der = issue_certificate(call.org.host, call.org.clock, years=_read_years(call))
    return add_key(call, app_id, show_certificate(der, call.org.ids.make_kid(), now(call.org)))


def _read_years(call: Call) -> int:
    text = call.query.get("validityYears", "")
    if not (text.isascii() and text.isdigit() and len(text) < 3 and int(text) in _VALID_YEARS):
        cause = "Validity years out of range. It should be 2 - 10 years."
        raise invalid("generateKey", cause)
    return int(text)


def _clone(call: Call) -> Reply:
    """Share a certificate with another app, which signs with it only once it names its ``kid``."""
    _, key = find(call, "app_key")
    target = call.query.get("targetAid", "")
    if not target:
        raise invalid("cloneKey", "targetAid: The field cannot be left blank")
    (target,) = resolve(call.org, ("app",), (target,))
    if key["kid"] in [other["kid"] for other in call.org.list("app_key", target)]:
        text = "Key already exists in the list of key credentials for the target app."
        raise invalid("cloneKey", text)
    return add_key(call, target, key)


HANDLERS: Mapping[str, Handler] = {
    "listApplicationKeys": listing("app_key"),
    "generateApplicationKey": _generate,
    "getApplicationKey": single("app_key"),
    "cloneApplicationKey": _clone,
}

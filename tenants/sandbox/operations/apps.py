"""Applications: the list, one app, its state, and what it looks like."""

import re
from collections.abc import Mapping
from dataclasses import replace

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.operations import app_logo, saml_metadata
from tenants.sandbox.operations.app_bodies import build_app, choose_definition
from tenants.sandbox.operations.app_clients import put_app
from tenants.sandbox.operations.app_definitions import DEFINITIONS, Definition
from tenants.sandbox.operations.oauth_clients import client_of
from tenants.sandbox.operations.reads import listing, malformed_expand, single
from tenants.sandbox.operations.server_tokens import forget_client
from tenants.sandbox.operations.writes import find, invalid, now, removal, switch
from tenants.sandbox.org import Org
from tenants.sandbox.paging import Paging
from tenants.sandbox.replies import Reply, json_reply, okta_error
from tenants.sandbox.resolve import resolve
from tenants.sandbox.store import Body

_list_all = listing("app", Paging(default=20))
_get_one = single("app")

_USER_EXPANSION = re.compile(r"user/([A-Za-z0-9]+)")

#: Links that say what somebody chose for the app, and last when it is replaced.
_CHOSEN_LINKS = ("appLinks", "profileEnrollment", "logo", "accessPolicy")
_CHOSEN = ("orn", "features", "universalLogout")


def _list(call: Call) -> Reply:
    """A page of apps, or those of one user: none, since people get apps through groups here."""
    expand = call.query.get("expand")
    if expand is None:
        return _list_all(call)
    user_id = _read_expansion(expand)
    if call.query.get("filter", "").strip() != f'user.id eq "{user_id}"':
        raise malformed_expand()
    return json_reply([])


def _get(call: Call) -> Reply:
    if "expand" in call.query:
        _read_expansion(call.query["expand"])
    return _get_one(call)


def _read_expansion(expand: str) -> str:
    parsed = _USER_EXPANSION.fullmatch(expand)
    if parsed is None:
        raise malformed_expand()
    return parsed[1]


def _create(call: Call) -> Reply:
    org, body, moment = call.org, call.json_object(), now(call.org)
    _require_quota(org)
    name, definition = choose_definition(org, body)
    status = "INACTIVE" if call.query.get("activate") == "false" else "ACTIVE"
    new = {"id": org.ids.make("0oa"), "status": status, "created": moment, "lastUpdated": moment}
    app = build_app(org, body, name, definition, before=new)
    if app["credentials"]["signing"]:
        # A new app has no key of its own yet, so one that somebody names is not looked at.
        app["credentials"]["signing"] = {"kid": org.list("signing_key")[0]["kid"]}
    answer = put_app(org, app, body)
    _share_key(org, app)
    return json_reply(answer)


def _share_key(org: Org, app: Body) -> None:
    """An app that signs with the org's key has it among its own."""
    key = org.list("signing_key")[0]
    if app["credentials"]["signing"].get("kid") == key["kid"]:
        org.put("app_key", key, app["id"])


def _require_quota(org: Org) -> None:
    if org.max_apps is not None and len(org.store.collection("app").bodies()) >= org.max_apps:
        cause = "Cannot create application instance. Maximum number of instances has been reached."
        raise invalid("generalSettings", cause)


def _replace(call: Call) -> Reply:
    """Replace everything that a client may set; what Okta assigned stays."""
    _, before = find(call, "app")
    org, body = call.org, call.json_object()
    definition = _definition_of(org, before)
    app = build_app(
        org, body, before["name"], definition, before=before | {"lastUpdated": now(org)}
    )
    app |= {name: before[name] for name in _CHOSEN if name in before}
    links = before["_links"]
    app["_links"] |= {name: links[name] for name in _CHOSEN_LINKS if name in links}
    app["visibility"]["appLinks"] = before["visibility"]["appLinks"]
    _keep_signing_key(org, app, body, before)
    answer = put_app(org, app, body, before)
    _share_key(org, app)
    return json_reply(answer)


def _definition_of(org: Org, app: Body) -> Definition:
    """The app's entry in the catalog, or the one made for it, of which one app must be active.

    Raises:
        Refusal: 400, recorded for custom apps alone.
    """
    name, mode = app["name"], app["signOnMode"]
    definition = DEFINITIONS.get(name)
    if definition:
        return replace(definition, modes=(mode, *definition.modes))
    apps = org.store.collection("app").bodies()
    if not any(other["name"] == name and other["status"] == "ACTIVE" for other in apps):
        refusal = "This operation on app metadata is not yet supported"
        cause = f"{refusal}: No active instances."
        raise okta_error(400, "E0000024", f"Bad request. {refusal}.", cause)
    return Definition((mode,))


def _keep_signing_key(org: Org, app: Body, body: Body, before: Body) -> None:
    """Sign with the key that is named, which the app must have, or with the same as before."""
    signing = app["credentials"]["signing"]
    kept = before["credentials"].get("signing")
    named = signing and ((body.get("credentials") or {}).get("signing") or {}).get("kid")
    if not named:
        app["credentials"]["signing"] = signing and (kept or signing)
    elif signing != kept and named not in [key["kid"] for key in org.list("app_key", app["id"])]:
        raise invalid("JsonWebKey", "kid: The app has no key credential with this kid.")


def _delete(call: Call) -> Reply:
    """Its OAuth client goes with it, and what authorization servers gave to that."""
    _, app = find(call, "app")
    reply = _remove(call)
    forget_client(call.org, client_of(app).get("client_id", ""))
    return reply


def _refuse_active(call: Call, app: Body) -> None:
    if app["status"] == "ACTIVE":
        cause = "The application must be deactivated before deletion."
        raise okta_error(403, "E0000056", "Delete application forbidden.", cause)


_remove = removal("app", _refuse_active)


def _set_status(status: str) -> Handler:
    change = switch("app", status)

    def answer(call: Call) -> Reply:
        change(call)
        return json_reply({})

    return answer


def _assign_policy(call: Call) -> Reply:
    app_id, policy_id = call.ids
    resolve(call.org, ("app",), (app_id,))
    resolve(call.org, ("sign_on_policy",), (policy_id,))
    app, policy = call.org.get("app", app_id), call.org.get("sign_on_policy", policy_id)
    if policy["type"] != "ACCESS_POLICY":
        raise invalid("Policy", "The policy is no app sign-in policy.")
    if policy["system"] or app["name"] == "saasure":
        owner = '"Okta Admin Console"'
        text = f"This policy belongs to {owner}, and re-assignment of this policy is not allowed"
        raise invalid("Policy", text)
    href = f"https://{call.org.host}/api/v1/policies/{policy_id}"
    app["_links"]["accessPolicy"] = {"href": href}
    call.org.put("app", app)
    return Reply(204)


HANDLERS: Mapping[str, Handler] = {
    "listApplications": _list,
    "createApplication": _create,
    "getApplication": _get,
    "replaceApplication": _replace,
    "deleteApplication": _delete,
    "activateApplication": _set_status("ACTIVE"),
    "deactivateApplication": _set_status("INACTIVE"),
    "assignApplicationPolicy": _assign_policy,
    "uploadApplicationLogo": app_logo.upload,
    "previewSAMLmetadataForApplication": saml_metadata.preview,
}

"""What an app provisions once its connection is enabled: two features with many switches."""

from collections.abc import Mapping
from typing import Any

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.links import link
from tenants.sandbox.operations.connection_kinds import find_connection, find_kind
from tenants.sandbox.operations.reads import listing, single
from tenants.sandbox.operations.shapes import Nullable, merge
from tenants.sandbox.operations.writes import find, invalid, now
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.resolve import resolve
from tenants.sandbox.store import Body

_SWITCH = ("DISABLED", "ENABLED")
_IMPORT = Nullable({"expression": str, "timezone": str})

#: What each capability may be set to, see `shapes`; the first word is what it is at first.
#: Okta sends and takes ``userNameFormat``, whatever its OpenAPI says.
_RULES: dict[str, Body] = {
    "USER_PROVISIONING": {
        "create": {"lifecycleCreate": {"status": _SWITCH}},
        "update": {
            "profile": {"status": _SWITCH},
            "lifecycleDeactivate": {"status": _SWITCH},
            "password": {
                "status": _SWITCH,
                "seed": ("RANDOM", "OKTA"),
                "change": ("KEEP_EXISTING", "CHANGE"),
            },
        },
    },
    "INBOUND_PROVISIONING": {
        "importSettings": {
            "username": {"userNameFormat": ("EMAIL", "CUSTOM"), "userNameExpression": str},
            "schedule": {"status": _SWITCH, "fullImport": _IMPORT, "incrementalImport": _IMPORT},
        },
        "importRules": {
            "userCreateAndMatch": {
                "exactMatchCriteria": ("USERNAME", "EMAIL"),
                "allowPartialMatch": bool,
                "autoConfirmPartialMatch": bool,
                "autoConfirmExactMatch": bool,
                "autoConfirmNewUsers": bool,
                "autoActivateNewUsers": bool,
            }
        },
    },
}

_DESCRIPTIONS = {
    "USER_PROVISIONING": "How people in Okta become users of the application",
    "INBOUND_PROVISIONING": "How users of the application become people in Okta",
}

#: Which of an app's ``features`` a capability stands for.
_SHOWN_IN_APP = {
    "PUSH_NEW_USERS": ("create", "lifecycleCreate"),
    "PUSH_PROFILE_UPDATES": ("update", "profile"),
    "PUSH_USER_DEACTIVATION": ("update", "lifecycleDeactivate"),
    "PUSH_PASSWORD_UPDATES": ("update", "password"),
}


def add_features(org: Org, app_id: str, on: frozenset[str] = frozenset()) -> None:
    """Give an app its features; those it had before come back as they were.

    ``on`` are the app's own words for what is switched on from the start.
    """
    known = {feature["name"] for feature in org.list("app_feature", app_id)}
    for name in _RULES:
        if name not in known:
            org.put("app_feature", _build_feature(org, app_id, name, on), app_id)
    show_features(org, app_id, enabled=True)


def _build_feature(org: Org, app_id: str, name: str, on: frozenset[str]) -> Body:
    capabilities = _defaults_of(_RULES[name])
    for shown, (part, capability) in _SHOWN_IN_APP.items():
        if shown in on and part in capabilities:
            capabilities[part][capability]["status"] = "ENABLED"
    href = f"https://{org.host}/api/v1/apps/{app_id}/features/{name}"
    return {
        "name": name,
        "status": "ENABLED",
        "description": _DESCRIPTIONS[name],
        "capabilities": capabilities,
        "_links": {"self": link(href, "GET", "PUT")},
    }


def _defaults_of(rules: Body) -> Body:
    """Everything off; a text that nobody set is not there."""
    return {name: _default_of(rule) for name, rule in rules.items() if rule is not str}


def _default_of(rule: Any) -> Any:
    if rule is bool or rule is _IMPORT:
        return False if rule is bool else None
    return rule[0] if isinstance(rule, tuple) else _defaults_of(rule)


def show_features(org: Org, app_id: str, *, enabled: bool) -> None:
    """Write into the app what it provisions, which is nothing unless its connection is enabled."""
    features = {feature["name"]: feature for feature in org.list("app_feature", app_id)}
    capabilities = features["USER_PROVISIONING"]["capabilities"] if features and enabled else {}
    shown = [
        name
        for name, (part, capability) in _SHOWN_IN_APP.items()
        if capabilities.get(part, {}).get(capability, {}).get("status") == "ENABLED"
    ]
    app = org.get("app", app_id)
    others = [name for name in app.get("features") or [] if name not in _SHOWN_IN_APP]
    org.put("app", {**app, "features": [*others, *shown]})


def _list(call: Call) -> Reply:
    _require_provisioning(call)
    return listing("app_feature")(call)


def _get(call: Call) -> Reply:
    _require_provisioning(call)
    return single("app_feature")(call)


def _update(call: Call) -> Reply:
    """Change the capabilities that the body names, and no others.

    A body that is none is refused before anything else is looked at (recorded).
    """
    resolve(call.org, ("app",), call.ids[:1])
    body = call.json_object()
    _require_provisioning(call)
    (app_id,), feature = find(call, "app_feature")
    feature["capabilities"] = merge(_RULES[feature["name"]], feature["capabilities"], body)
    call.org.put("app_feature", feature, app_id)
    show_features(call.org, app_id, enabled=True)
    app = call.org.get("app", app_id)
    call.org.put("app", {**app, "lastUpdated": now(call.org)})
    return json_reply(feature)


def _require_provisioning(call: Call) -> None:
    (app_id,) = resolve(call.org, ("app",), call.ids[:1])
    app = call.org.get("app", app_id)
    if find_kind(call.org, app) is None:
        raise invalid("feature", "Provisioning is not supported.")
    if find_connection(call.org, app)["status"] != "ENABLED":
        raise invalid("feature", "Provisioning is not enabled for the app instance.")


HANDLERS: Mapping[str, Handler] = {
    "listFeaturesForApplication": _list,
    "getFeatureForApplication": _get,
    "updateFeatureForApplication": _update,
}

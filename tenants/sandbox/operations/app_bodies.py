"""From what a client sends to create or replace an app, to the app it becomes."""

import re
from itertools import count
from typing import Any

from tenants.sandbox.operations import app_shapes
from tenants.sandbox.operations.app_definitions import (
    CUSTOM_MODES,
    DEFINITIONS,
    SIGN_ON_MODES,
    Definition,
)
from tenants.sandbox.operations.shapes import merge
from tenants.sandbox.operations.writes import invalid, malformed, read_text
from tenants.sandbox.org import Org
from tenants.sandbox.seed.app_kinds import OrgFacts
from tenants.sandbox.seed.apps import assemble_app
from tenants.sandbox.store import Body

_LONGEST_LABEL, _LONGEST_NAME = 100, 255


def choose_definition(org: Org, body: Body) -> tuple[str, Definition]:
    """The name of a new app and its entry in the catalog, or one made for it alone.

    Raises:
        Refusal: 400 for a name that nobody knows, and for none where the mode needs one.
    """
    asked, name = _read_mode(body), read_text(body, "name", longest=_LONGEST_NAME, required=False)
    if name is None and asked in CUSTOM_MODES:
        name = _make_name(org, body)
        return name, Definition((asked,), link_name=f"{name}_link")
    # Recorded: names of the catalog are lower-case, however they were written.
    name = (name or "").lower()
    definition = DEFINITIONS.get(name) or definition_of(org, name)
    if definition is None:
        raise invalid("name", "name: There is no such app in the catalog.")
    return name, definition


def definition_of(org: Org, name: str) -> Definition | None:
    """Of an app that is in the org without being in the catalog."""
    modes = {app["signOnMode"] for app in org.store.collection("app").bodies() if _has(app, name)}
    return Definition(tuple(modes), link_name=f"{name}_link") if modes else None


def _has(app: Body, name: str) -> bool:
    return bool(app.get("name") == name)


def _make_name(org: Org, body: Body) -> str:
    label = re.sub(r"[^a-z0-9]", "", str(body.get("label")).lower())
    names = {app.get("name") for app in org.store.collection("app").bodies()}
    base = f"{org.host.partition('.')[0]}_{label}"
    return next(name for number in count(1) if (name := f"{base}_{number}") not in names)


def _read_mode(body: Body) -> str | None:
    mode: Any = body.get("signOnMode")
    if mode is not None and mode not in SIGN_ON_MODES:
        raise malformed()
    return mode


def facts_of(org: Org) -> OrgFacts:
    """What a new app of the org starts with."""
    policies = {policy["type"]: policy["id"] for policy in reversed(org.list("sign_on_policy"))}
    return OrgFacts(
        org.host,
        org.org_id,
        org.list("signing_key")[0]["kid"],
        policies["ACCESS_POLICY"],
        policies["PROFILE_ENROLLMENT"],
    )


def build_app(org: Org, body: Body, name: str, definition: Definition, *, before: Body) -> Body:
    """The app that a body describes; ``before`` is what it is to replace, or id and dates alone.

    Raises:
        Refusal: 400 for a value that cannot be, or one that is missing.
    """
    read_text(body, "label", longest=_LONGEST_LABEL)
    try:
        mode = definition.choose_mode(_read_mode(body))
    except ValueError:
        raise invalid("signOnMode", "signOnMode: The app does not sign on in this way.") from None
    custom, facts = name not in DEFINITIONS, facts_of(org)
    parts = app_shapes.default_parts(
        facts, before["id"], name, mode, custom=custom, link_name=definition.link_name
    )
    parts.app_settings = dict(definition.defaults)
    app = assemble_app(
        facts,
        org.ids,
        before["id"],
        parts,
        label="",
        status=before["status"],
        dates=(before["created"], before["lastUpdated"]),
    )
    app = merge(app_shapes.shape_of(name, mode), app, body)
    _finish_settings(app, definition, custom=custom)
    _finish_credentials(app)
    return app


def _finish_settings(app: Body, definition: Definition, *, custom: bool) -> None:
    settings = app["settings"]
    # Recorded: an empty text written is null read, and an unnamed setting keeps its default.
    given = {name: None if value == "" else value for name, value in settings["app"].items()}
    settings["app"] = {**definition.defaults, **given}
    required = [("app", name) for name in definition.required]
    for part, name in (*required, *app_shapes.required_settings(app["signOnMode"], custom=custom)):
        if settings[part].get(name) in (None, ""):
            raise invalid("settings", f"{name}: The field cannot be left blank")


def _finish_credentials(app: Body) -> None:
    """A password may be written and is never read; an empty user name is none."""
    credentials = app["credentials"]
    if not credentials.get("userName"):
        credentials.pop("userName", None)
    if credentials.get("scheme") == "SHARED_USERNAME_AND_PASSWORD":
        credentials["password"] = {}
    if credentials["userNameTemplate"]["type"] == "CUSTOM":
        credentials["userNameTemplate"].setdefault("pushStatus", "DONT_PUSH")

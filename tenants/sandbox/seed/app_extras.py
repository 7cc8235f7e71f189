"""What lies below the apps of an org, and what they share: keys, policies, groups."""

from tenants.sandbox.certificates import issue_certificate, show_certificate
from tenants.sandbox.operations.app_features import add_features
from tenants.sandbox.operations.app_grants import build_grant
from tenants.sandbox.operations.app_groups import build_assignment
from tenants.sandbox.operations.app_secrets import add_secret
from tenants.sandbox.operations.oauth_clients import method_of
from tenants.sandbox.operations.oidc_bodies import needs_secret
from tenants.sandbox.org import Org
from tenants.sandbox.seed.app_kinds import OrgFacts
from tenants.sandbox.seed.clients import clients_of
from tenants.sandbox.seed.ids import Ids
from tenants.sandbox.store import Body

_GROUPS = ("Everyone", "Finance", "Engineering", "Support", "Contractors")
#: Every how many apps one is assigned to groups.
_ASSIGNED = 3

_KEY_YEARS = 10


def fill_grants(org: Org, ids: Ids) -> None:
    """Every service app may read users."""
    for app_id in clients_of(org, "service"):
        okta_id, dates = ids.make("oag"), ids.make_dates()
        app = org.get("app", app_id)
        grant = build_grant(org, app, "okta.users.read", okta_id=okta_id, dates=dates)
        org.put("app_grant", grant, app_id)


def fill_app_extras(org: Org, facts: OrgFacts) -> None:
    """Everything else, with ids of a series of its own: those of the apps stay what they were."""
    ids = Ids(org.host, series="app extras")
    der = issue_certificate(org.host, org.clock, years=_KEY_YEARS)
    key = show_certificate(der, facts.kid, ids.make_dates()[0])
    org.put("signing_key", key)
    console = _put_policies(org, facts, ids)
    groups = [org.put("group", _build_group(org, ids, name)) for name in _GROUPS]
    for number, app in enumerate(org.list("app")):
        if app["name"] == "saasure":
            _set_policy(org, app, console)
        _fill_app(org, app, key)
        if number % _ASSIGNED == 0:
            _assign(org, app["id"], groups[: 1 + number % len(groups)])


def _put_policies(org: Org, facts: OrgFacts, ids: Ids) -> str:
    """Sign-in policies, the org's usual one first; returns the id of the Admin Console's."""
    policies = (
        (facts.access_policy, "Any two factors", "ACCESS_POLICY", False),
        (ids.make("rst"), "One factor inside the office", "ACCESS_POLICY", False),
        (ids.make("rst"), "Okta Admin Console", "ACCESS_POLICY", True),
        (facts.enrollment_policy, "Default Policy", "PROFILE_ENROLLMENT", True),
    )
    for okta_id, name, kind, system in policies:
        policy = {"id": okta_id, "status": "ACTIVE", "name": name, "type": kind, "system": system}
        org.put("sign_on_policy", policy)
    return policies[2][0]


def _set_policy(org: Org, app: Body, policy_id: str) -> None:
    app["_links"]["accessPolicy"] = {"href": f"https://{org.host}/api/v1/policies/{policy_id}"}
    org.put("app", app)


def _build_group(org: Org, ids: Ids, name: str) -> Body:
    okta_id = ids.make("00g")
    created, updated = ids.make_dates()
    here = f"https://{org.host}/api/v1/groups/{okta_id}"
    builtin = name == _GROUPS[0]
    return {
        "id": okta_id,
        "created": created,
        "lastUpdated": updated,
        "lastMembershipUpdated": updated,
        "objectClass": ["okta:user_group"],
        "type": "BUILT_IN" if builtin else "OKTA_GROUP",
        "profile": {"name": name, "description": None},
        "_links": {"users": {"href": f"{here}/users"}, "apps": {"href": f"{here}/apps"}},
    }


def _fill_app(org: Org, app: Body, key: Body) -> None:
    if app["credentials"]["signing"]:
        org.put("app_key", key, app["id"])
    if needs_secret(method_of(app)):
        add_secret(org, app["id"], created=app["created"])
    if "PUSH_NEW_USERS" in app["features"]:
        _connect(org, app)


def _connect(org: Org, app: Body) -> None:
    """A custom app that provisions over SCIM, as much as its ``features`` say."""
    connection = {"id": "default", "status": "ENABLED", "authScheme": "TOKEN", "state": ""}
    org.put("app_connection", connection, app["id"])
    add_features(org, app["id"], on=frozenset(app["features"]))


def _assign(org: Org, app_id: str, groups: list[str]) -> None:
    for priority, group_id in enumerate(groups):
        assignment = build_assignment(org, app_id, group_id, priority=priority, profile={})
        org.put("app_group", assignment, app_id)

"""Fills an org: apps in the mixture that recorded orgs show, and authorization servers."""

from tenants.sandbox.org import Org
from tenants.sandbox.seed.app_extras import fill_app_extras, fill_grants
from tenants.sandbox.seed.app_kinds import BUILT_IN_NAMES, OrgFacts
from tenants.sandbox.seed.apps import build_app
from tenants.sandbox.seed.fill_servers import fill_servers
from tenants.sandbox.seed.ids import Ids
from tenants.sandbox.seed.labels import labels
from tenants.sandbox.seed.server_extras import fill_server_extras
from tenants.sandbox.seed.weaknesses import plant_weaknesses
from tenants.sandbox.store import Body

#: The first apps of every org, so that a small one shows every kind too.
_OPENING = """
    web saml web web built_in built_in built_in service native swa browser bookmark directory
    basic_auth form auto_login
"""

#: The rest, in about the shares of 2,488 recorded apps.
_SHARES = {
    "web": 24,
    "saml": 21,
    "swa": 14,
    "native": 10,
    "service": 8,
    "bookmark": 7,
    "browser": 6,
    "basic_auth": 3,
    "form": 3,
    "directory": 3,
    "auto_login": 1,
}
_INACTIVE_SHARE = 0.127
_FIRST_INACTIVE = 9


def fill_org(org: Org, *, apps: int, weak: bool, authorization_servers: int) -> None:
    """Put everything into an empty org. Equal host and sizes make equal data.

    Raises:
        ValueError: a weak org has too few apps or servers to plant each weakness.
    """
    ids = Ids(org.host, series=f"{apps} {authorization_servers} {weak}")
    facts = _fill_apps(org, ids, apps)
    fill_grants(org, ids)
    org.put("push_provider", _build_push_provider(org, ids))
    fill_servers(org, ids, authorization_servers)
    fill_server_extras(org, ids)
    fill_app_extras(org, facts)
    if weak:
        org.planted = plant_weaknesses(org, ids)


def _fill_apps(org: Org, ids: Ids, count: int) -> OrgFacts:
    facts = OrgFacts(org.host, org.org_id, ids.make_kid(), ids.make("rst"), ids.make("rst"))
    products, built_in = labels(), iter(BUILT_IN_NAMES)
    chosen = ids.random.choices(list(_SHARES), weights=list(_SHARES.values()), k=count)
    for number, kind in enumerate([*_OPENING.split(), *chosen][:count]):
        label = next(built_in) if kind == "built_in" else next(products)
        status = "INACTIVE" if _is_inactive(ids, number) else "ACTIVE"
        org.put("app", build_app(facts, ids, label=label, status=status, kind=kind))
    return facts


def _is_inactive(ids: Ids, number: int) -> bool:
    if number <= _FIRST_INACTIVE:
        return number == _FIRST_INACTIVE
    return ids.random.random() < _INACTIVE_SHARE


def _build_push_provider(org: Org, ids: Ids) -> Body:
    okta_id = ids.make("ppc")
    href = f"https://{org.host}/api/v1/push-providers/{okta_id}"
    return {
        "id": okta_id,
        "providerType": "APNS",
        "name": "Workforce app",
        "lastUpdatedDate": ids.make_dates()[1],
        "configuration": {
            "fileName": "workforce.p8",
            "teamId": "TEAM123456",
            "keyId": "KEY1234567",
        },
        "_links": {"self": {"href": href, "hints": {"allow": ["GET", "PUT", "DELETE"]}}},
    }

"""Plants weaknesses that an audit has to find, and remembers where."""

from collections import defaultdict
from datetime import UTC, datetime

from tenants.sandbox.org import Org
from tenants.sandbox.seed.clients import clients_of
from tenants.sandbox.seed.fill_servers import put_policy, set_manual_rotation
from tenants.sandbox.seed.ids import Ids, stamp
from tenants.sandbox.seed.servers import Rule
from tenants.sandbox.store import Body

Planted = dict[str, set[str]]

_MONTH_S = 30 * 86_400


def plant_weaknesses(org: Org, ids: Ids) -> Planted:
    """Make an org fail AS-01, AS-02, AS-04, AS-06 and APP-12, each in more than one way.

    Returns:
        By rule, the ids of the policies (AS-01), rules (AS-02, AS-04), servers (AS-06) and apps
        (APP-12) that its findings should name, and no others.

    Raises:
        ValueError: fewer than three authorization servers or three active web apps.
    """
    servers = org.list("authorization_server")[:3]
    web_apps = clients_of(org, "web")[:3]
    if len(servers) < 3 or len(web_apps) < 3:
        raise ValueError("A weak org needs at least 3 authorization servers and 4 apps.")
    planted: defaultdict[str, set[str]] = defaultdict(set)
    _open_default(org, ids, servers[0], planted)
    _open_everything(org, ids, servers[1], planted)
    _overpower_jobs(org, ids, servers[2], planted)
    _stop_rotation(org, servers[1], servers[2], planted)
    _loosen_redirects(org, web_apps, planted)
    return dict(planted)


def _open_default(org: Org, ids: Ids, server: Body, planted: Planted) -> None:
    """Open to all clients, though for a harmless rule; and a token that lives for two hours."""
    policy, rules = put_policy(
        org, ids, server, "Everyone", ["ALL_CLIENTS"], Rule("Long day", access_minutes=120)
    )
    planted["AS-01"].add(policy)
    planted["AS-04"].update(rules)


def _open_everything(org: Org, ids: Ids, server: Body, planted: Planted) -> None:
    """All clients, all people, all scopes, for twelve hours, where scopes of an API exist."""
    rule = Rule("Default Policy Rule", scopes=("*",), groups=("EVERYONE",), access_minutes=720)
    policy, rules = put_policy(org, ids, server, "Default Policy", ["ALL_CLIENTS"], rule)
    planted["AS-01"].add(policy)
    planted["AS-02"].update(rules)
    planted["AS-04"].update(rules)


def _overpower_jobs(org: Org, ids: Ids, server: Body, planted: Planted) -> None:
    """A job that may write for 90 minutes, then one that may do anything for an hour."""
    subject = server["name"].split()[0].lower()
    machine = ("client_credentials",)
    _, (writes, anything) = put_policy(
        org,
        ids,
        server,
        "Nightly jobs",
        [org.client_id],
        Rule("Write", scopes=(f"{subject}:write",), grants=machine, access_minutes=90),
        Rule("Anything", scopes=("*",), grants=machine),
    )
    planted["AS-02"].add(anything)
    planted["AS-04"].add(writes)


def _stop_rotation(org: Org, recent: Body, long_ago: Body, planted: Planted) -> None:
    """Two servers whose keys nobody rotates, one of them for years."""
    this_month = datetime.fromtimestamp(org.clock() // _MONTH_S * _MONTH_S, tz=UTC)
    set_manual_rotation(recent, last_rotated=stamp(this_month))
    set_manual_rotation(long_ago, last_rotated="2022-06-01T08:00:00.000Z")
    planted["AS-06"].update(org.put("authorization_server", body) for body in (recent, long_ago))


def _loosen_redirects(org: Org, web_apps: list[str], planted: Planted) -> None:
    """A wildcard, a plain http:// address, and a developer's own machine."""
    uris = (
        "https://*.example.com/oauth2/callback",
        "http://intranet.example.com/callback",
        "http://localhost:8080/callback",
    )
    for app_id, uri in zip(web_apps, uris, strict=True):
        app = org.get("app", app_id)
        client = app["settings"]["oauthClient"]
        client["redirect_uris"].append(uri)
        client["wildcard_redirect"] = "SUBDOMAIN" if "*" in uri else "DISABLED"
        planted["APP-12"].add(org.put("app", app))

"""Puts authorization servers into an org: sound ones, some of which only look weak."""

from tenants.sandbox.org import Org
from tenants.sandbox.seed.clients import clients_of
from tenants.sandbox.seed.ids import Ids
from tenants.sandbox.seed.servers import (
    SYSTEM_SCOPES,
    Rule,
    build_claims,
    build_keys,
    build_policy,
    build_rule,
    build_scope,
    build_server,
    set_rotation,
)
from tenants.sandbox.store import Body

_SUBJECTS = ("orders", "partners", "billing", "telemetry", "catalog", "shipping", "reports")


def fill_servers(org: Org, ids: Ids, count: int) -> None:
    """The default server first, then one for each invented API; from four on one is inactive."""
    for number in range(count):
        if number == 0:
            _add_default(org, ids)
        else:
            retired = number == count - 1 and count > 3
            _add_api(org, ids, _subject(number - 1), retired=retired)


def _subject(number: int) -> str:
    series, place = divmod(number, len(_SUBJECTS))
    return f"{_SUBJECTS[place]}{series + 1}" if series else _SUBJECTS[place]


def _add_default(org: Org, ids: Ids) -> None:
    server = build_server(
        ids,
        org.host,
        name="default",
        audience="api://default",
        now=org.clock(),
        default=True,
    )
    put_server(org, ids, server, SYSTEM_SCOPES)
    clients = clients_of(org, "web")[:2] or [org.client_id]
    put_policy(org, ids, server, "Known web apps", clients, Rule("Sign in"))


def _add_api(org: Org, ids: Ids, subject: str, *, retired: bool) -> None:
    audience = f"https://api.example.com/{subject}"
    name = f"{subject.title()} API"
    server = build_server(ids, org.host, name=name, audience=audience, now=org.clock())
    if retired:
        # An inactive server issues no tokens, so its old keys harm nobody.
        server["status"] = "INACTIVE"
        set_manual_rotation(server, last_rotated=server["created"])
    read, write = f"{subject}:read", f"{subject}:write"
    put_server(org, ids, server, (*SYSTEM_SCOPES, read, write))
    _put_sound_policies(org, ids, server, read)


def _put_sound_policies(org: Org, ids: Ids, server: Body, read: str) -> None:
    staff = (ids.make("00g"),)
    web = clients_of(org, "web")[:3] or [org.client_id]
    jobs = clients_of(org, "service")[:2] or [org.client_id]
    put_policy(
        org,
        ids,
        server,
        "Front ends",
        web,
        Rule("Sign in", scopes=("openid", "profile", read)),
        # Every scope, but only for one group and only with a person present.
        Rule("Staff", scopes=("*",), groups=staff, access_minutes=30),
    )
    reads = Rule("Read", scopes=(read,), grants=("client_credentials",), access_minutes=15)
    put_policy(org, ids, server, "Back office jobs", jobs, reads)
    anything = Rule(
        "Anything",
        scopes=("*",),
        grants=("client_credentials",),
        access_minutes=1440,
        status="INACTIVE",
    )
    put_policy(org, ids, server, "Open, with nothing in force", ["ALL_CLIENTS"], anything)


def set_manual_rotation(server: Body, *, last_rotated: str) -> None:
    server["credentials"]["signing"]["lastRotated"] = last_rotated
    set_rotation(server, "MANUAL")


def put_server(org: Org, ids: Ids, server: Body, scopes: tuple[str, ...]) -> None:
    """Add a server with what each has from the start: scopes, system claims and two keys."""
    server_id = org.put("authorization_server", server)
    for name in scopes:
        org.put("as_scope", build_scope(ids, server, name), server_id)
    for claim in build_claims(ids, server):
        org.put("as_claim", claim, server_id)
    for key in build_keys(ids, server):
        org.put("as_key", key, server_id)


def put_policy(
    org: Org, ids: Ids, server: Body, name: str, clients: list[str], *rules: Rule
) -> tuple[str, list[str]]:
    """Add a policy behind those that are there; returns its id and its rules' ids."""
    priority = len(org.list("as_policy", server["id"])) + 1
    policy = build_policy(ids, server, name=name, clients=clients, priority=priority)
    policy_id = org.put("as_policy", policy, server["id"])
    bodies = [build_rule(ids, server, policy, rule, priority=n) for n, rule in enumerate(rules, 1)]
    return policy_id, [org.put("as_rule", body, server["id"], policy_id) for body in bodies]

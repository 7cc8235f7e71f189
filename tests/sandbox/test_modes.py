"""The ways an org can be hard on its clients, each a field of the org."""

import time
from contextlib import closing

import pytest

from tenants.sandbox.faults import Delay
from tenants.sandbox.modes import set_mode
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.sandbox.caller import Answer, Caller
from tests.sandbox.conftest import Clock
from tests.sandbox.raw import Raw

APPS = "/api/v1/apps"
SERVERS = "/api/v1/authorizationServers"
SCOPES = f"{SERVERS}/default/scopes"


def limits(answer: Answer) -> list[list[str]]:
    names = ("limit", "remaining", "reset")
    return [answer.headers.get_all(f"x-rate-limit-{name}", []) for name in names]


@pytest.fixture
def client(stranger: Caller, org: Org) -> Caller:
    org.grant("okta.authorizationServers.manage", "okta.apps.manage")
    return stranger.sign_in(org)


# Read-only


def test_a_read_only_org_reads_and_issues_tokens(client: Caller, org: Org) -> None:
    org.read_only = True

    token = client.ask_token(org.client_id, org.client_secret, "okta.apps.read")

    assert (client.get(APPS).status, token.status) == (200, 200)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", SCOPES), ("POST", f"{SERVERS}/default/lifecycle/deactivate"), ("DELETE", SERVERS)],
)
def test_a_read_only_org_changes_nothing(client: Caller, org: Org, method: str, path: str) -> None:
    org.read_only = True
    path = path if method == "POST" else f"{path}/{org.list('authorization_server')[1]['id']}"
    before = len(org.ledger)

    answer = client.send(method, path, {"name": "a"} if path == SCOPES else None)

    assert (answer.status, answer.json()["errorCode"]) == (503, "E0000010")
    assert org.ledger.since(before) == []


# A role narrower than the scopes


def test_a_narrow_role_is_shown_less_and_not_told(client: Caller, org: Org) -> None:
    apps = [app["id"] for app in org.list("app")]
    org.visible = {"app": frozenset(apps[3:5])}

    answer = client.get(f"{APPS}?limit=200")

    assert (answer.status, [app["id"] for app in answer.json()]) == (200, apps[3:5])
    assert client.get(SERVERS).json() != []


def test_a_narrowed_page_may_be_empty_and_still_lead_on(client: Caller, org: Org) -> None:
    org.visible = {"app": frozenset({org.list("app")[-1]["id"]})}

    answer = client.get(f"{APPS}?limit=20")

    assert answer.json() == []
    assert "next" in answer.links


def test_a_share_of_the_objects_is_the_same_every_time(client: Caller, org: Org) -> None:
    org.visible = {"app": 0.5}

    first, again = client.get(f"{APPS}?limit=200").json(), client.get(f"{APPS}?limit=200").json()

    assert first == again
    assert 10 < len(first) < 35


def test_a_role_may_see_nothing_at_all(client: Caller, org: Org) -> None:
    org.visible = {"app": 0.0}

    answer = client.get(APPS)

    assert (answer.status, answer.json()) == (200, [])


@pytest.mark.parametrize("below", ["", "/grants"])
def test_what_the_role_hides_is_forbidden_without_naming_a_scope(
    client: Caller, org: Org, below: str
) -> None:
    org.grant("okta.appGrants.read")
    client.sign_in(org)
    app = org.list("app")[0]["id"]
    org.visible = {"app": frozenset()}

    answer = client.get(f"{APPS}/{app}{below}")

    assert (answer.status, answer.json()["errorCode"]) == (403, "E0000006")
    assert answer.headers["www-authenticate"] is None


def test_a_whole_kind_can_be_forbidden(client: Caller, org: Org) -> None:
    org.visible = {"authorization_server": None}

    answer = client.get(SERVERS)

    assert (answer.status, answer.json()["errorCode"]) == (403, "E0000006")
    assert answer.headers["www-authenticate"] is None
    assert client.get(f"{SERVERS}/default").status == 403


def test_a_visible_object_is_found_by_its_alias_and_shown_whole(client: Caller, org: Org) -> None:
    default = client.get(f"{SERVERS}/default").json()["id"]
    org.visible = {"authorization_server": frozenset({default})}

    assert len(client.get(SCOPES).json()) == len(org.list("as_scope", default)) > 0


def test_an_id_that_nothing_has_is_still_a_404(client: Caller, org: Org) -> None:
    org.visible = {"app": frozenset()}

    assert client.get(f"{APPS}/0oaNobody").status == 404


# Too many at once


def test_too_many_at_once_are_refused_without_naming_a_limit(
    client: Caller, org: Org, sandbox: Sandbox, clock: Clock
) -> None:
    org.max_concurrency = 1
    sandbox.faults.add(Delay(seconds=60, times=1))
    with closing(Raw(sandbox, org.host)) as slow:
        slow.ask("/.well-known/okta-organization")
        while org.in_flight.count == 0:
            time.sleep(0.001)

        answer = client.get(APPS)

    assert (answer.status, answer.json()["errorCode"]) == (429, "E0000047")
    assert limits(answer) == [["0"], ["0"], [str(int(clock.now) + 60)]]


def test_one_after_the_other_is_never_too_many(client: Caller, org: Org) -> None:
    org.max_concurrency = 1

    assert {client.get(SERVERS).status for _ in range(3)} == {200}


# Rate-limit headers


def test_headers_can_come_twice_for_the_client_s_own_half(client: Caller, org: Org) -> None:
    org.rate_limit_headers = "doubled"

    limit, remaining, reset = limits(client.get(APPS))

    assert (limit, remaining) == (["100", "50"], ["99", "49"])
    assert len(set(reset)) == 1


def test_the_client_s_half_runs_out_first(client: Caller, org: Org) -> None:
    org.rate_limit_headers, org.rate_limits[APPS] = "doubled", 4

    answers = [client.get(APPS) for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 429]
    assert limits(answers[-1])[1] == ["1", "0"]


def test_headers_can_be_missing(client: Caller, org: Org) -> None:
    org.rate_limit_headers, org.rate_limits[APPS] = "none", 1

    answers = [client.get(APPS) for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 429]
    assert [limits(answer) for answer in answers] == [[[], [], []]] * 2


# Consistency that takes its time


def test_what_lies_under_a_new_object_is_found_after_a_while(
    client: Caller, org: Org, clock: Clock
) -> None:
    org.settling_s = 5
    body = {"name": "New", "description": "New", "audiences": ["api://new"]}
    server = client.send("POST", SERVERS, body).json()["id"]

    itself = client.get(f"{SERVERS}/{server}").status
    too_early = client.get(f"{SERVERS}/{server}/policies")
    clock.now += 5
    later = client.get(f"{SERVERS}/{server}/policies")

    assert (itself, too_early.status, later.status) == (200, 404, 200)
    assert too_early.json()["errorSummary"].endswith(f"{server} (AuthorizationServer)")


# Framing and links


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_body_of_unsaid_length_is_refused(client: Caller, org: Org, method: str) -> None:
    client._connection.putrequest(method, SCOPES if method == "POST" else f"{SERVERS}/default")
    client._connection.endheaders()
    answer = client._connection.getresponse()

    assert (answer.status, b"E0000022" in answer.read()) == (411, True)


def test_a_link_leads_to_the_port_that_was_asked(client: Caller) -> None:
    answer = client.get(f"{APPS}?limit=1", host="acme.okta.com:8443")

    assert answer.links["next"].startswith("https://acme.okta.com:8443/api/v1/apps?")


# Setting them from outside


def test_a_mode_is_set_from_json(org: Org) -> None:
    set_mode(org, "visible", {"app": ["0oa1"], "authorization_server": 0.5, "push_provider": None})

    assert org.visible["app"] == frozenset({"0oa1"})


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("host", "x", "Unknown field 'host'; there are client_kind"),
        ("read_only", "yes", "read_only cannot be 'yes': Expected `bool`"),
        ("token_lifetime_s", 0, "token_lifetime_s cannot be 0"),
        ("delay_s", -1, "delay_s cannot be -1"),
        ("client_kind", "odd", "client_kind cannot be 'odd'"),
        ("visible", {"app": 2.0}, "visible cannot be"),
        ("visible", [], "visible cannot be"),
        ("visible", {"user": None}, "visible cannot be"),
    ],
)
def test_a_mode_that_makes_no_sense_is_refused(
    org: Org, name: str, value: object, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        set_mode(org, name, value)

import json
import stat
from http.client import HTTPConnection
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenants.sandbox.control import (
    ACTIONS,
    SANDBOX_ACTIONS,
    Control,
    ControlRefused,
    answer_control,
)
from tenants.sandbox.credentials import write_credentials
from tenants.sandbox.org import Org
from tenants.sandbox.requests import Request
from tenants.sandbox.server import Sandbox
from tests.sandbox.caller import Caller


@pytest.fixture
def control(sandbox: Sandbox, org: Org, tmp_path: Path) -> Control:
    write_credentials(sandbox, tmp_path / "credentials.json")
    return Control(tmp_path / "credentials.json")


def test_the_credentials_file_says_how_to_connect(
    control: Control, sandbox: Sandbox, org: Org
) -> None:
    credentials = control.credentials

    assert (credentials["port"], credentials["ca_bundle"]) == (sandbox.port, sandbox.ca_bundle)
    assert credentials["orgs"] == [
        {
            "host": "acme.okta.com",
            "client_id": org.client_id,
            "client_secret": org.client_secret,
            "org_id": org.org_id,
            "apps": 45,
            "weak": False,
            "planted": {},
        }
    ]


def test_only_the_owner_may_read_the_credentials_file(control: Control, tmp_path: Path) -> None:
    mode = (tmp_path / "credentials.json").stat().st_mode

    assert stat.S_IMODE(mode) == 0o600


def test_a_secret_can_be_rotated_from_outside(control: Control, stranger: Caller, org: Org) -> None:
    secret = control.do(org.host, "rotate_secret")

    assert stranger.ask_token(org.client_id, secret, "okta.apps.read").status == 200


def test_scopes_can_be_granted_and_withdrawn_from_outside(control: Control, org: Org) -> None:
    control.do(org.host, "grant", scopes=["okta.users.read"])
    control.do(org.host, "ungrant", scopes=["okta.apps.read"])

    assert org.granted == {"okta.users.read", "okta.authorizationServers.read"}


def test_an_org_can_be_revoked_unlicensed_and_killed_from_outside(
    control: Control, org: Org
) -> None:
    control.do(org.host, "revoke")
    control.do(org.host, "set", field="licensed", value=False)
    control.do(org.host, "set", field="dead", value=True)
    control.do(org.host, "set", field="client_kind", value="dpop")
    control.do(org.host, "rate_limit", bucket="/api/v1/apps", limit=3)

    assert (org.client_id, org.licensed, org.dead, org.client_kind) == ("", False, True, "dpop")
    assert org.rate_limits["/api/v1/apps"] == 3


def test_objects_can_be_changed_from_outside(control: Control, org: Org) -> None:
    first, second = org.list("app")[:2]

    control.do(org.host, "rename_app", id=first["id"], label="Renamed")
    control.do(org.host, "remove", kind="app", id=second["id"])
    control.do(org.host, "put", kind="app", body={**first, "id": "0oaNew"})

    assert org.get("app", first["id"])["label"] == "Renamed"
    assert second["id"] not in [app["id"] for app in org.list("app")]
    assert control.do(org.host, "get", kind="app", id="0oaNew")["name"] == first["name"]


def test_children_are_reached_through_their_parents(control: Control, org: Org) -> None:
    server = control.do(org.host, "list", kind="authorization_server")[1]["id"]
    policy = control.do(org.host, "list", kind="as_policy", parents=[server])[0]["id"]

    control.do(org.host, "remove", kind="as_policy", id=policy, parents=[server])

    assert policy not in [body["id"] for body in org.list("as_policy", server)]
    assert org.list("as_rule", server, policy) == []


def test_an_org_can_be_added_while_serving(control: Control, sandbox: Sandbox) -> None:
    added = control.do("initech.okta.com", "add_org", apps=12, weak=True)

    assert added["client_secret"] == sandbox.orgs["initech.okta.com"].client_secret
    assert added["weak"] is True


def test_what_was_asked_can_be_read_from_outside(
    control: Control, client: Caller, org: Org
) -> None:
    client.get("/api/v1/apps")

    scopes = ["okta.apps.read", "okta.authorizationServers.read"]
    assert control.do(org.host, "requests")[-1] == ["GET", "/api/v1/apps", scopes]


def test_modes_can_be_set_and_read_from_outside(control: Control, org: Org) -> None:
    control.do(org.host, "set", field="read_only", value=True)
    control.do(org.host, "set", field="visible", value={"app": 0.5})

    modes = control.do(org.host, "modes")
    assert (org.read_only, org.visible) == (True, {"app": 0.5})
    assert (modes["read_only"], modes["visible"]) == (True, {"app": 0.5})


def test_faults_can_be_scripted_and_cleared_from_outside(
    control: Control, stranger: Caller, org: Org
) -> None:
    number = control.do(org.host, "fault", fault={"action": "status", "status": 502, "times": 1})
    statuses = [stranger.get("/.well-known/okta-organization").status for _ in range(2)]

    (report,) = control.do("*", "faults")
    control.do("*", "clear_faults")

    assert statuses == [502, 200]
    assert (report["number"], report["hits"], report["left"]) == (number, 1, 0)
    assert report["fault"]["host"] == "acme.okta.com"
    assert control.do("*", "faults") == []


def test_a_fault_may_name_other_hosts_than_the_command(control: Control, stranger: Caller) -> None:
    control.do("*", "fault", fault={"action": "status", "status": 502, "host": "globex.*"})

    assert stranger.get("/.well-known/okta-organization").status == 200


def test_the_ledger_can_be_read_from_outside(control: Control, client: Caller, org: Org) -> None:
    before = len(org.ledger)
    client.sign_in(org)

    (entry,) = control.do(org.host, "ledger", since=before)

    assert (entry["number"], entry["operation"]) == (before + 1, "token")


@pytest.mark.parametrize(
    ("host", "action", "arguments", "sentence"),
    [
        ("nobody.okta.com", "revoke", {}, "no org at nobody.okta.com"),
        ("acme.okta.com", "explode", {}, "Unknown command 'explode'"),
        ("acme.okta.com", "set", {"field": "host", "value": "x"}, "Unknown field 'host'"),
        ("acme.okta.com", "rate_limit", {"bucket": "x", "limit": 1}, "Unknown bucket 'x'"),
        (
            "acme.okta.com",
            "rate_limit",
            {"bucket": "/", "limit": -1},
            "0 requests a minute",
        ),
        ("acme.okta.com", "grant", {}, "lacks or misspells"),
        ("ACME.okta.com", "add_org", {}, "no host name in lower case"),
        ("acme.okta.com", "get", {"kind": "app", "id": "x"}, "lacks or misspells"),
        ("acme.okta.com", "add_org", {}, "already an org"),
        ("acme.okta.com", "set", {"field": "delay_s", "value": "x"}, "delay_s cannot be 'x'"),
        ("acme.okta.com", "set", {"field": "delay_s", "value": float("nan")}, "cannot be nan"),
        ("acme.okta.com", "fault", {"fault": {"action": "explode"}}, "not 'explode'"),
        ("acme.okta.com", "fault", {"fault": []}, "lacks or misspells"),
        ("acme.okta.com", "fault", {}, "lacks or misspells"),
        ("acme.okta.com", "ledger", {"since": "x"}, "invalid literal"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused_with_a_sentence(
    control: Control, host: str, action: str, arguments: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ControlRefused, match=sentence):
        control.do(host, action, **arguments)


@pytest.mark.parametrize("key", ["", "wrong"])
def test_nobody_commands_without_the_key(sandbox: Sandbox, org: Org, key: str) -> None:
    connection = HTTPConnection("127.0.0.1", sandbox.control_port, timeout=5)
    command = json.dumps({"host": org.host, "do": "revoke"})

    connection.request("POST", "/", command, {"x-sandbox-key": key})
    status = connection.getresponse().status
    connection.close()

    assert status == 403
    assert org.client_id


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"{", b"\xff", b'"text"', b"{}"),
        b'{"host": "acme.okta.com", "do": "ledger", "since": 1e999}',
        b'{"host": [], "do": "ledger"}',
        pytest.param(b"[" * 100_000, id="deep"),
    ],
)
def test_a_command_that_is_no_command_is_refused(sandbox: Sandbox, org: Org, body: bytes) -> None:
    connection = HTTPConnection("127.0.0.1", sandbox.control_port, timeout=5)

    connection.request("POST", "/", body, {"x-sandbox-key": sandbox.control_key})
    answer = connection.getresponse()
    reason = json.loads(answer.read())["error"]
    connection.close()

    assert answer.status == 400
    assert reason


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
_WORDS = ("field", "value", "bucket", "limit", "kind", "id", "body", "scopes", "fault", "since")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    action=st.sampled_from([*ACTIONS, *SANDBOX_ACTIONS]),
    arguments=st.dictionaries(st.sampled_from(_WORDS), _JSON, max_size=3),
)
def test_no_command_breaks_the_control_port(
    sandbox: Sandbox, org: Org, action: str, arguments: dict[str, object]
) -> None:
    command = {"host": org.host, "do": action, **arguments}
    request = Request("POST", "localhost", "/", body=json.dumps(command).encode())
    request.headers["x-sandbox-key"] = sandbox.control_key

    reply = answer_control(sandbox, request, key=sandbox.control_key)

    assert reply.status in (200, 400)

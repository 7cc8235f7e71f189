"""The witness: what clients changed, whether or not they were told so."""

from hashlib import sha256

import pytest

from tenants.sandbox.faults import Status
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.conftest import Clock

SERVERS = "/api/v1/authorizationServers"
SCOPES = f"{SERVERS}/default/scopes"


@pytest.fixture
def client(stranger: Caller, org: Org) -> Caller:
    org.grant("okta.authorizationServers.manage")
    return stranger.sign_in(org)


def test_a_change_is_noted_with_all_that_identifies_it(
    client: Caller, org: Org, clock: Clock
) -> None:
    answer = client.call("POST", SCOPES, body='{"name":"a"}', content_type="application/json")

    (entry,) = org.ledger.of("createOAuth2Scope")
    assert (entry.number, entry.at) == (len(org.ledger), clock.now)
    assert (entry.method, entry.path, entry.ids) == ("POST", SCOPES, ("default",))
    assert (entry.created, entry.client_id) == (answer.json()["id"], org.client_id)
    assert entry.digest == sha256(b'{"name":"a"}').hexdigest()


def test_reads_and_refusals_change_nothing(client: Caller, org: Org) -> None:
    before = len(org.ledger)

    client.get(SERVERS)
    client.send("POST", SCOPES, {})
    client.call("DELETE", f"{SCOPES}/0oaNobody")

    assert org.ledger.since(before) == []


def test_a_change_is_noted_although_its_answer_never_arrived(
    client: Caller, org: Org, sandbox: Sandbox
) -> None:
    sandbox.faults.add(Status(status=502, operation="createOAuth2Scope", applies=True))

    answer = client.send("POST", SCOPES, {"name": "hidden"})

    assert answer.status == 502
    assert len(org.ledger.of("createOAuth2Scope")) == 1
    assert "hidden" in [scope["name"] for scope in client.get(SCOPES).json()]


def test_what_a_fault_prevented_is_not_noted(client: Caller, org: Org, sandbox: Sandbox) -> None:
    sandbox.faults.add(Status(status=502, operation="createOAuth2Scope"))

    client.send("POST", SCOPES, {"name": "never"})

    assert org.ledger.of("createOAuth2Scope") == []


def test_the_ledger_holds_no_secret(client: Caller, org: Org) -> None:
    assert org.ledger.of("token")
    for hidden in (org.client_secret, client.bearer):
        assert hidden not in repr(list(org.ledger))

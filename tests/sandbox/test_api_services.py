"""API service integrations: ours, which is one of them, and others."""

import hashlib
from base64 import urlsafe_b64encode

import pytest

from tenants.sandbox.org import Org
from tenants.sandbox.store import Body
from tests.sandbox.caller import Answer, Caller
from tests.sandbox.conftest import Clock

SERVICES = "/integrations/api/v1/api-services"
WANTED: Body = {"type": "log_shipper", "grantedScopes": ["okta.logs.read", "okta.users.read"]}
SCOPE = "okta.apps.read"


@pytest.fixture
def ours(org: Org) -> str:
    """The path of our secrets."""
    return f"{SERVICES}/{org.client_id}/credentials/secrets"


def cause(answer: Answer) -> str:
    body = answer.json()
    assert (answer.status, body["errorCode"]) == (400, "E0000001")
    text: str = body["errorCauses"][0]["errorSummary"]
    return text


def status_of(caller: Caller, client_id: str, secret: str, scope: str = SCOPE) -> int:
    """Of a token request."""
    return caller.ask_token(client_id, secret, scope).status


# Instances


def test_our_own_installation_is_an_instance(manager: Caller, org: Org) -> None:
    (instance,) = manager.get(SERVICES).json()

    assert instance["id"] == org.client_id
    assert instance["grantedScopes"] == sorted(org.granted)
    assert instance["_links"]["client"]["href"].endswith(f"/oauth2/v1/clients/{org.client_id}")
    assert manager.get(f"{SERVICES}/{org.client_id}").json() == instance


def test_a_changed_consent_shows_in_the_instance(manager: Caller, org: Org) -> None:
    org.ungrant("okta.apps.manage")
    org.grant("okta.logs.read")

    instance = manager.get(f"{SERVICES}/{org.client_id}").json()

    assert instance["grantedScopes"] == sorted(org.granted)


def test_another_instance_gets_tokens_of_its_own(manager: Caller, stranger: Caller) -> None:
    answer = manager.send("POST", SERVICES, WANTED)

    made = answer.json()
    token = stranger.ask_token(made["id"], made["clientSecret"], "okta.logs.read").json()
    assert answer.status == 201
    assert made["grantedScopes"] == WANTED["grantedScopes"]
    assert token["scope"] == "okta.logs.read"
    assert status_of(stranger, made["id"], made["clientSecret"], "okta.apps.read") == 400
    assert "clientSecret" not in manager.get(f"{SERVICES}/{made['id']}").json()
    assert made["clientSecret"].encode() not in manager.get(SERVICES).body


def test_properties_come_back_as_they_were_sent(manager: Caller) -> None:
    properties = {"baseUrl": "https://example.com", "region": {"name": "region", "value": "eu"}}

    made = manager.send("POST", SERVICES, {**WANTED, "properties": properties}).json()

    assert made["properties"] == properties
    assert manager.get(f"{SERVICES}/{made['id']}").json()["properties"] == properties


def test_deleting_an_instance_ends_its_client_and_its_tokens_alone(
    manager: Caller, stranger: Caller, org: Org
) -> None:
    org.grant("okta.logs.read")
    made = manager.send("POST", SERVICES, {**WANTED, "grantedScopes": ["okta.apps.read"]}).json()
    pair = made["id"], made["clientSecret"]
    stranger.bearer = stranger.ask_token(*pair, SCOPE).json()["access_token"]
    before = stranger.get("/api/v1/apps?limit=1").status

    deleted = manager.send("DELETE", f"{SERVICES}/{made['id']}")

    assert (before, deleted.status, deleted.body) == (200, 204, b"")
    assert stranger.get("/api/v1/apps?limit=1").status == 401
    assert status_of(stranger, *pair) == 401
    assert manager.get(f"{SERVICES}/{made['id']}").status == 404
    assert manager.get("/api/v1/apps?limit=1").status == 200


def test_deleting_our_own_instance_is_a_revocation(manager: Caller, org: Org) -> None:
    pair = org.client_id, org.client_secret

    manager.send("DELETE", f"{SERVICES}/{org.client_id}")

    assert (org.client_id, org.client_secret) == ("", "")
    assert manager.get(SERVICES).status == 401
    assert status_of(manager, *pair) == 401


def test_installing_again_replaces_the_instance(manager: Caller, org: Org) -> None:
    old = org.client_id

    org.install()

    manager.sign_in(org)
    assert [body["id"] for body in manager.get(SERVICES).json()] == [org.client_id]
    assert org.client_id != old


def test_the_org_chooses_the_length_of_a_page(manager: Caller, org: Org) -> None:
    for number in range(22):
        org.installs.add(f"extra_{number}", ["okta.logs.read"])

    first = manager.get(f"{SERVICES}?limit=1")
    address = first.links["next"]
    second = manager.get(address.removeprefix("https://acme.okta.com"))

    assert (len(first.json()), len(second.json())) == (20, 3)
    assert "limit" not in address
    assert "next" not in second.links


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({**WANTED, "type": ""}, id="no type"),
        pytest.param({**WANTED, "type": "No Such Thing"}, id="not a key of the catalog"),
        pytest.param({**WANTED, "grantedScopes": []}, id="no scopes"),
        pytest.param({**WANTED, "grantedScopes": "okta.logs.read"}, id="not a list"),
        pytest.param({**WANTED, "grantedScopes": ["okta.everything"]}, id="unknown scope"),
        pytest.param({**WANTED, "grantedScopes": [["okta.logs.read"]]}, id="list in a list"),
        pytest.param({**WANTED, "properties": [1]}, id="properties in a list"),
        pytest.param({**WANTED, "properties": {"a": 1}}, id="property is a number"),
    ],
)
def test_an_instance_that_makes_no_sense_is_refused(manager: Caller, body: Body) -> None:
    assert cause(manager.send("POST", SERVICES, body))
    assert len(manager.get(SERVICES).json()) == 1


# Secrets


def test_a_second_secret_works_beside_the_first(
    manager: Caller, stranger: Caller, org: Org, ours: str
) -> None:
    first = org.client_secret

    answer = manager.send("POST", ours)

    second = answer.json()["client_secret"]
    assert (answer.status, answer.json()["status"]) == (201, "ACTIVE")
    assert org.client_secret == second
    assert [status_of(stranger, org.client_id, secret) for secret in (first, second)] == [200, 200]


def test_a_secret_is_shown_once_and_only_its_end_later(manager: Caller, ours: str) -> None:
    made = manager.send("POST", ours).json()

    listed = manager.get(ours)
    value = made["client_secret"]
    shown = listed.json()[-1]
    digest = hashlib.sha256(value.encode()).digest()[:16]
    assert shown["client_secret"] == f"***{value[-4:]}"
    assert shown["secret_hash"] == urlsafe_b64encode(digest).decode().rstrip("=")
    assert {**made, "client_secret": shown["client_secret"]} == shown
    assert value.encode() not in listed.body
    assert listed.links == {}


def test_there_are_two_secrets_at_most(manager: Caller, ours: str) -> None:
    manager.send("POST", ours)

    answer = manager.send("POST", ours)

    assert cause(answer) == "You've reached the maximum number of client secrets per client."
    assert len(manager.get(ours).json()) == 2


def test_a_deactivated_secret_is_refused_and_its_tokens_live_on(
    manager: Caller, stranger: Caller, org: Org, ours: str, clock: Clock
) -> None:
    old, path = org.client_secret, f"{ours}/{manager.get(ours).json()[0]['id']}"
    new = manager.send("POST", ours).json()["client_secret"]
    clock.now += 60

    answer = manager.send("POST", f"{path}/lifecycle/deactivate")

    secret = answer.json()
    assert (answer.status, secret["status"]) == (200, "INACTIVE")
    assert set(secret["_links"]) == {"activate", "delete"}
    assert secret["lastUpdated"] == "2026-09-21T14:14:20.000Z"
    assert secret["client_secret"] == f"***{old[-4:]}"
    assert status_of(stranger, org.client_id, old) == 401
    assert status_of(stranger, org.client_id, new) == 200
    assert manager.get(ours).status == 200


def test_a_secret_can_be_activated_again(
    manager: Caller, stranger: Caller, org: Org, ours: str
) -> None:
    secret, path = org.client_secret, f"{ours}/{manager.get(ours).json()[0]['id']}"
    manager.send("POST", f"{path}/lifecycle/deactivate")
    without = org.client_secret

    answers = [manager.send("POST", f"{path}/lifecycle/activate") for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 200]
    assert set(answers[0].json()["_links"]) == {"deactivate"}
    assert (without, org.client_secret) == ("", secret)
    assert status_of(stranger, org.client_id, secret) == 200


def test_only_an_inactive_secret_can_be_deleted(
    manager: Caller, stranger: Caller, org: Org, ours: str
) -> None:
    old, path = org.client_secret, f"{ours}/{manager.get(ours).json()[0]['id']}"
    manager.send("POST", ours)

    refused = manager.send("DELETE", path)
    manager.send("POST", f"{path}/lifecycle/deactivate")
    deleted = manager.send("DELETE", path)

    assert cause(refused).startswith("You can't delete an active client secret.")
    assert (deleted.status, len(manager.get(ours).json())) == (204, 1)
    assert status_of(stranger, org.client_id, old) == 401
    assert manager.send("DELETE", path).json()["errorSummary"].endswith("(OAuth2ClientSecret)")
    assert manager.send("POST", ours).status == 201


def test_secrets_of_nobody_are_not_found(manager: Caller) -> None:
    answer = manager.send("POST", f"{SERVICES}/0oaNobody/credentials/secrets")

    assert (answer.status, answer.json()["errorCode"]) == (404, "E0000007")

"""Authorization servers: made, changed, switched and deleted."""

import pytest

from tenants.sandbox.org import Org
from tenants.sandbox.store import Body
from tests.sandbox.caller import Answer, Caller
from tests.sandbox.conftest import Clock

SERVERS = "/api/v1/authorizationServers"
WANTED = {"name": "Orders", "description": "For orders", "audiences": ["https://orders.example"]}


def make(manager: Caller, **changes: object) -> Body:
    body: Body = manager.send("POST", SERVERS, {**WANTED, **changes}).json()
    return body


def refused(answer: Answer) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status, body["errorCode"], body["errorSummary"]


def test_a_new_server_is_active_and_rotates_by_itself(manager: Caller, clock: Clock) -> None:
    answer = manager.send("POST", SERVERS, WANTED)

    server = answer.json()
    signing = server["credentials"]["signing"]
    assert answer.status == 201
    assert (server["status"], server["issuerMode"], server["default"]) == (
        "ACTIVE",
        "DYNAMIC",
        False,
    )
    assert server["issuer"] == f"https://acme.okta.com/oauth2/{server['id']}"
    assert server["created"] == server["lastUpdated"] == "2026-09-21T14:13:20.000Z"
    assert list(signing) == ["kid", "rotationMode", "lastRotated", "nextRotation"]
    assert signing["nextRotation"] == "2026-12-20T14:13:20.000Z"
    assert manager.get(f"{SERVERS}/{server['id']}").json() == server


def test_manual_rotation_comes_only_with_a_replacement(manager: Caller) -> None:
    manual = {"signing": {"rotationMode": "MANUAL"}}

    made = make(manager, credentials=manual)
    path = f"{SERVERS}/{made['id']}"
    replaced = manager.send("PUT", path, {**WANTED, "credentials": manual}).json()
    kept = manager.send("PUT", path, WANTED).json()

    assert made["credentials"]["signing"]["rotationMode"] == "AUTO"
    assert list(replaced["credentials"]["signing"]) == ["kid", "rotationMode", "lastRotated"]
    assert kept["credentials"] == replaced["credentials"]


def test_automatic_rotation_tells_its_next_date_again(manager: Caller) -> None:
    server = make(manager)
    path = f"{SERVERS}/{server['id']}"
    for mode in ("MANUAL", "AUTO"):
        rotation = {"signing": {"rotationMode": mode}}
        replaced = manager.send("PUT", path, {**WANTED, "credentials": rotation}).json()

    assert replaced["credentials"] == server["credentials"]


def test_a_new_server_has_system_scopes_and_claims_and_no_policy(manager: Caller) -> None:
    path = f"{SERVERS}/{make(manager)['id']}"

    scopes = manager.get(f"{path}/scopes").json()
    claims = manager.get(f"{path}/claims").json()

    assert {scope["name"] for scope in scopes} >= {"openid", "profile", "email", "offline_access"}
    assert all(item["system"] for item in (*scopes, *claims))
    assert len(claims) == 19
    assert all(("value" in claim) == (claim["valueType"] != "SYSTEM") for claim in claims)
    assert manager.get(f"{path}/policies").json() == []


def test_a_replacement_leaves_out_what_was_left_out(manager: Caller, clock: Clock) -> None:
    server = make(manager, accessTokenEncryptedResponseAlgorithm="RSA-OAEP-256")
    clock.now += 60

    changed = {"name": "Orders 2", "audiences": ["https://orders.example/2"]}
    answer = manager.send("PUT", f"{SERVERS}/{server['id']}", changed)

    body = answer.json()
    assert answer.status == 200
    assert (body["name"], body["description"]) == ("Orders 2", None)
    assert "accessTokenEncryptedResponseAlgorithm" not in body
    assert (body["created"], body["lastUpdated"]) == (
        server["created"],
        "2026-09-21T14:14:20.000Z",
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({**WANTED, "name": ""}, "name", id="no name"),
        pytest.param({**WANTED, "name": 7}, "name", id="name is a number"),
        pytest.param({**WANTED, "audiences": []}, "audiences", id="no audience"),
        pytest.param({**WANTED, "audiences": ["a", "b"]}, "audiences", id="two audiences"),
        pytest.param({**WANTED, "audiences": "a"}, "audiences", id="audience not in a list"),
        pytest.param({**WANTED, "issuerMode": "CUSTOM_URL"}, "issuerMode", id="no custom domain"),
        pytest.param(
            {**WANTED, "credentials": {"signing": {"rotationMode": "DYNAMIC"}}},
            "credentials.signing.rotationMode",
            id="unknown rotation",
        ),
        pytest.param(
            {**WANTED, "credentials": 1}, "credentials.signing.rotationMode", id="wrong type"
        ),
    ],
)
def test_a_server_that_makes_no_sense_is_refused(manager: Caller, body: Body, field: str) -> None:
    before = manager.get(SERVERS).json()

    answer = manager.send("POST", SERVERS, body)

    assert refused(answer) == (400, "E0000001", f"Api validation failed: {field}")
    assert answer.json()["errorCauses"][0]["errorSummary"].startswith(f"{field}: ")
    assert manager.get(SERVERS).json() == before


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_server_whose_keys_are_refused_is_left_as_it_was(manager: Caller, method: str) -> None:
    path = f"{SERVERS}/{make(manager)['id']}" if method == "PUT" else SERVERS
    before = manager.get(SERVERS).json()
    short = {"keys": [{"kty": "RSA", "use": "enc", "e": "AQAB", "n": "AQAB"}]}

    answer = manager.send(method, path, {**WANTED, "name": "Half", "jwks": short})

    assert refused(answer) == (400, "E0000001", "Api validation failed: JsonWebKey")
    assert manager.get(SERVERS).json() == before


def test_deactivation_shows_in_status_and_links_and_may_be_repeated(manager: Caller) -> None:
    path = f"{SERVERS}/{make(manager)['id']}"

    first, second = (manager.send("POST", f"{path}/lifecycle/deactivate") for _ in range(2))
    server = manager.get(path).json()

    assert (first.status, first.body, second.status) == (204, b"", 204)
    assert server["status"] == "INACTIVE"
    assert server["_links"]["activate"]["href"].endswith(f"{path}/lifecycle/activate")
    assert "deactivate" not in server["_links"]
    assert manager.send("POST", f"{path}/lifecycle/activate").status == 204
    assert manager.get(path).json()["status"] == "ACTIVE"


def test_a_deleted_server_is_gone_with_all_below_it(manager: Caller) -> None:
    path = f"{SERVERS}/{make(manager)['id']}"

    deleted = manager.send("DELETE", path)

    assert (deleted.status, deleted.body) == (204, b"")
    assert manager.get(path).status == 404
    assert manager.get(f"{path}/scopes").json()["errorSummary"].endswith("(AuthorizationServer)")
    assert manager.send("DELETE", path).status == 404


def test_the_default_server_can_be_disabled_but_not_deleted(manager: Caller) -> None:
    refusal = manager.send("DELETE", f"{SERVERS}/default")
    disabled = manager.send("POST", f"{SERVERS}/default/lifecycle/deactivate")

    server = manager.get(f"{SERVERS}/default").json()
    assert refused(refusal)[:2] == (403, "E0000006")
    assert disabled.status == 204
    assert server["status"] == "INACTIVE"
    assert server["_links"]["self"]["href"].endswith("/authorizationServers/default")
    assert server["id"].startswith("aus")


def test_a_renamed_default_server_is_still_the_default(manager: Caller, org: Org) -> None:
    body = {"name": "Main", "audiences": ["api://main"]}

    renamed = manager.send("PUT", f"{SERVERS}/default", body).json()

    assert renamed["issuer"] == "https://acme.okta.com/oauth2/default"
    assert manager.get(f"{SERVERS}/default").json()["name"] == "Main"


def test_a_reader_cannot_change_a_server(client: Caller) -> None:
    answer = client.send("POST", SERVERS, WANTED)

    assert refused(answer)[:2] == (403, "E0000006")
    assert "okta.authorizationServers.manage" in answer.headers["www-authenticate"]

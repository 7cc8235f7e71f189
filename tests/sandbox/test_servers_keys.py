"""Keys that an authorization server signs with, and those it encrypts tokens for."""

import pytest

from tenants.sandbox.org import Org
from tenants.sandbox.seed.ids import Ids
from tenants.sandbox.store import Body
from tests.sandbox.caller import Answer, Caller
from tests.sandbox.conftest import Clock

SERVERS = "/api/v1/authorizationServers"
DEFAULT = f"{SERVERS}/default"
ROTATE = f"{DEFAULT}/credentials/lifecycle/keyRotate"
KEYS = f"{DEFAULT}/resourceservercredentials/keys"
MODULUS = Ids("test").make_modulus()


def statuses(keys: list[Body]) -> dict[str, str]:
    return {key["status"]: key["kid"] for key in keys}


def causes(answer: Answer) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status, body["errorSummary"], body["errorCauses"][0]["errorSummary"]


def key(kid: object = "first", **changes: object) -> Body:
    return {"kid": kid, "kty": "RSA", "use": "enc", "e": "AQAB", "n": MODULUS, **changes}


# Signing keys


def test_rotation_makes_the_next_key_the_active_one(manager: Caller, clock: Clock) -> None:
    before = statuses(manager.get(f"{DEFAULT}/credentials/keys").json())
    clock.now += 60

    answer = manager.send("POST", ROTATE, {"use": "sig"})

    signing = manager.get(DEFAULT).json()["credentials"]["signing"]
    assert answer.status == 200
    assert [key["status"] for key in answer.json()] == ["ACTIVE", "EXPIRED"]
    assert statuses(answer.json()) == {"ACTIVE": before["NEXT"], "EXPIRED": before["ACTIVE"]}
    assert manager.get(f"{DEFAULT}/credentials/keys").json() == answer.json()
    assert signing["kid"] == before["NEXT"]
    assert signing["lastRotated"] == "2026-09-21T14:14:20.000Z"
    assert signing["nextRotation"] == "2026-12-20T14:14:20.000Z"


def test_each_rotation_forgets_the_key_before_the_last(manager: Caller) -> None:
    first = manager.send("POST", ROTATE, {"use": "sig"}).json()

    second = manager.send("POST", ROTATE, {"use": "sig"}).json()

    forgotten = statuses(first)["EXPIRED"]
    assert statuses(second)["EXPIRED"] == statuses(first)["ACTIVE"]
    assert manager.get(f"{DEFAULT}/credentials/keys/{forgotten}").status == 404
    kid = statuses(second)["ACTIVE"]
    assert manager.get(f"{DEFAULT}/credentials/keys/{kid}").json() == second[0]


def test_a_rotation_by_hand_leaves_the_mode_alone(manager: Caller) -> None:
    body = {
        "name": "default",
        "audiences": ["api://default"],
        "credentials": {"signing": {"rotationMode": "MANUAL"}},
    }
    manager.send("PUT", DEFAULT, body)

    manager.send("POST", ROTATE, {"use": "sig"})

    signing = manager.get(DEFAULT).json()["credentials"]["signing"]
    assert (signing["rotationMode"], "nextRotation" in signing) == ("MANUAL", False)


@pytest.mark.parametrize("body", [{}, {"use": "enc"}, {"use": None}, {"use": ["sig"]}])
def test_rotation_is_for_signing_keys_only(manager: Caller, body: Body) -> None:
    answer = manager.send("POST", ROTATE, body)

    assert causes(answer) == (
        400,
        "Api validation failed: rotateKeys",
        "Invalid value specified for key 'use' parameter",
    )


# Keys of resource servers


def test_a_key_is_inactive_until_it_is_activated(manager: Caller) -> None:
    added = manager.send("POST", KEYS, key())
    path = f"{KEYS}/{added.json()['id']}"

    activated = manager.send("POST", f"{path}/lifecycle/activate")

    assert (added.status, added.json()["status"]) == (201, "INACTIVE")
    assert set(added.json()["_links"]) == {"activate", "delete"}
    assert (activated.status, activated.json()["status"]) == (200, "ACTIVE")
    assert set(activated.json()["_links"]) == {"deactivate"}
    assert manager.get(path).json() == activated.json()
    assert manager.get(KEYS).json() == [activated.json()]


def test_only_one_key_is_active_at_a_time(manager: Caller) -> None:
    first, second = (manager.send("POST", KEYS, key(kid)).json()["id"] for kid in "ab")
    manager.send("POST", f"{KEYS}/{first}/lifecycle/activate")

    manager.send("POST", f"{KEYS}/{second}/lifecycle/activate")

    assert manager.get(f"{KEYS}/{first}").json()["status"] == "INACTIVE"
    assert manager.get(f"{KEYS}/{second}").json()["status"] == "ACTIVE"


def test_the_server_itself_shows_its_keys(manager: Caller) -> None:
    added = manager.send("POST", KEYS, key()).json()

    shown = manager.get(DEFAULT).json()["jwks"]["keys"]
    manager.send("DELETE", f"{KEYS}/{added['id']}")

    assert [(item["id"], item["kid"], item["status"]) for item in shown] == [
        (added["id"], "first", "INACTIVE")
    ]
    assert "jwks" not in manager.get(DEFAULT).json()


def test_keys_can_come_with_the_server(manager: Caller) -> None:
    body = {
        "name": "Sealed",
        "audiences": ["api://sealed"],
        "accessTokenEncryptedResponseAlgorithm": "RSA-OAEP-256",
        "jwks": {"keys": [key("one", status="ACTIVE"), key("two")]},
    }

    server = manager.send("POST", SERVERS, body).json()

    keys = manager.get(f"{SERVERS}/{server['id']}/resourceservercredentials/keys").json()
    assert [(item["kid"], item["status"]) for item in keys] == [
        ("one", "ACTIVE"),
        ("two", "INACTIVE"),
    ]
    assert [item["id"] for item in server["jwks"]["keys"]] == [item["id"] for item in keys]


def test_the_active_key_stays_while_tokens_are_encrypted(manager: Caller) -> None:
    body = {"name": "default", "audiences": ["api://default"]}
    encrypted = {**body, "accessTokenEncryptedResponseAlgorithm": "RSA-OAEP-512"}
    path = f"{KEYS}/{manager.send('POST', KEYS, key()).json()['id']}"
    manager.send("POST", f"{path}/lifecycle/activate")
    manager.send("PUT", DEFAULT, encrypted)

    refused = manager.send("POST", f"{path}/lifecycle/deactivate")
    manager.send("PUT", DEFAULT, body)
    allowed = manager.send("POST", f"{path}/lifecycle/deactivate")

    text = "You cannot deactivate the active key when access token encryption is enabled."
    assert causes(refused)[2] == text
    assert (allowed.status, allowed.json()["status"]) == (200, "INACTIVE")


def test_an_active_key_cannot_be_deleted(manager: Caller) -> None:
    path = f"{KEYS}/{manager.send('POST', KEYS, key()).json()['id']}"
    manager.send("POST", f"{path}/lifecycle/activate")

    refused = manager.send("DELETE", path)
    manager.send("POST", f"{path}/lifecycle/deactivate")

    text = "''ACTIVE'' keys cannot be deleted. Activate another key before deleting this one."
    assert causes(refused) == (400, "Api validation failed: JsonWebKey", text)
    assert manager.send("DELETE", path).status == 204
    assert manager.get(path).status == 404


def test_a_server_has_five_keys_at_most(manager: Caller) -> None:
    added = [manager.send("POST", KEYS, key(kid)).status for kid in "abcde"]

    refused = manager.send("POST", KEYS, key("f"))

    assert added == [201] * 5
    assert "maximum number of keys allowed (5)" in causes(refused)[2]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(key(status="ACTIVE"), "''ACTIVE'' status", id="active at once"),
        pytest.param(key("taken"), "Each key must have a unique ''kid''.", id="kid taken"),
        pytest.param(key(None), "Each key must have a unique ''kid''.", id="no kid"),
        pytest.param(key(n="AQAB"), "less than '2,048' bits", id="short"),
        pytest.param(key(n="not base64!"), "less than '2,048' bits", id="no number"),
        pytest.param(key(kty="EC"), "kty: ", id="another kind"),
        pytest.param(key(use="sig"), "use: ", id="another use"),
        pytest.param(key(e=None), "e: ", id="no exponent"),
        pytest.param(key(kid=5), "kid: ", id="kid is a number"),
    ],
)
def test_a_key_that_does_not_fit_is_refused(manager: Caller, body: Body, text: str) -> None:
    manager.send("POST", KEYS, key("taken"))

    answer = manager.send("POST", KEYS, body)

    assert answer.status == 400
    assert text in causes(answer)[2]
    assert len(manager.get(KEYS).json()) == 1


def test_a_key_of_another_server_is_not_found(manager: Caller, org: Org) -> None:
    other = org.list("authorization_server")[1]["id"]
    elsewhere = org.list("as_resource_key", other)[0]["id"]

    answer = manager.get(f"{KEYS}/{elsewhere}")

    assert answer.status == 404
    assert answer.json()["errorSummary"].endswith("(OAuth2ResourceServerJsonWebKey)")

"""Client secrets and public keys of OAuth apps."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import pytest

from tenants.sandbox.org import Org
from tests.sandbox import app_bodies
from tests.sandbox.app_bodies import oidc
from tests.sandbox.caller import Answer, Caller

APPS = "/api/v1/apps"
MODULUS = "w" * 342


def create(manager: Caller, body: Any) -> str:
    """The path of a new app."""
    return f"{APPS}/{manager.send('POST', APPS, body).json()['id']}"


def cause(answer: Answer) -> str:
    assert (answer.status, answer.json()["errorCode"]) == (400, "E0000001")
    return str(answer.json()["errorCauses"][0]["errorSummary"])


def rsa(kid: str | None = "one", **more: object) -> dict[str, object]:
    return {
        "kty": "RSA",
        "kid": kid,
        "use": "sig",
        "alg": "RS256",
        "e": "AQAB",
        "n": MODULUS,
    } | more


@pytest.fixture
def secrets(manager: Caller) -> str:
    return create(manager, oidc()) + "/credentials/secrets"


@pytest.fixture
def jwks(manager: Caller) -> str:
    return create(manager, oidc(method="private_key_jwt")) + "/credentials/jwks"


def test_the_first_secret_is_the_one_the_app_came_with(manager: Caller) -> None:
    app = manager.send("POST", APPS, oidc()).json()

    (secret,) = manager.get(f"{APPS}/{app['id']}/credentials/secrets").json()

    assert secret["client_secret"] == app["credentials"]["oauthClient"]["client_secret"]
    assert (secret["id"][:3], secret["status"], list(secret["_links"])) == (
        *("ocs", "ACTIVE"),
        ["deactivate"],
    )


def test_a_secret_is_hashed_as_recorded_and_read_in_clear(manager: Caller, secrets: str) -> None:
    answer = manager.send("POST", secrets)

    secret = answer.json()
    digest = sha256(secret["client_secret"].encode()).digest()[:16]
    assert (answer.status, len(secret["client_secret"])) == (201, 64)
    assert secret["secret_hash"] == urlsafe_b64encode(digest).decode().rstrip("=")
    assert manager.get(f"{secrets}/{secret['id']}").json() == secret
    assert secret in manager.get(secrets).json()


def test_a_client_brings_its_own_secret(manager: Caller, secrets: str) -> None:
    chosen = {"client_secret": "fourteen chars", "status": "INACTIVE"}

    assert chosen.items() <= manager.send("POST", secrets, chosen).json().items()


def test_there_are_two_secrets_at_most(manager: Caller, secrets: str) -> None:
    manager.send("POST", secrets)

    assert cause(manager.send("POST", secrets)) == (
        "You've reached the maximum number of client secrets per client."
    )


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("x" * 13, "must be at least '14' characters long."),
        ("x" * 101, "can't be more than '100' characters long."),
        ("fourteen chürs", "must only contain printable ASCII"),
    ],
)
def test_a_secret_that_breaks_a_rule_is_refused(
    manager: Caller, secrets: str, value: str, sentence: str
) -> None:
    assert sentence in cause(manager.send("POST", secrets, {"client_secret": value}))


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        ("client_secret_jwt", "must be at least '32' characters long when"),
        ("private_key_jwt", "'client_secret' can't be used when"),
    ],
)
def test_the_method_decides_which_secrets_do(manager: Caller, method: str, sentence: str) -> None:
    secrets = create(manager, oidc(method=method)) + "/credentials/secrets"

    assert sentence in cause(manager.send("POST", secrets, {"client_secret": "x" * 31}))


def test_the_only_active_secret_stays(manager: Caller, secrets: str) -> None:
    (only,) = manager.get(secrets).json()
    path = f"{secrets}/{only['id']}"

    assert cause(manager.send("POST", f"{path}/lifecycle/deactivate")) == (
        "You can't deactivate the only active client secret."
    )
    assert cause(manager.send("DELETE", path)).startswith("You can't delete an active")


def test_a_rotated_secret_is_switched_off_then_deleted(manager: Caller, secrets: str) -> None:
    (old,) = manager.get(secrets).json()
    new = manager.send("POST", secrets).json()
    path = f"{secrets}/{old['id']}"

    switched = manager.send("POST", f"{path}/lifecycle/deactivate")
    deleted = manager.send("DELETE", path)

    assert (switched.status, switched.json()["status"]) == (200, "INACTIVE")
    assert list(switched.json()["_links"]) == ["activate", "delete"]
    assert (deleted.status, deleted.body) == (204, b"")
    assert manager.get(secrets).json() == [new]
    assert manager.get(path).json()["errorSummary"].endswith("(OAuth2ClientSecret)")


def test_a_secret_is_switched_on_again(manager: Caller, secrets: str) -> None:
    secret = manager.send("POST", secrets).json()
    path = f"{secrets}/{secret['id']}/lifecycle"
    manager.send("POST", f"{path}/deactivate")

    again = manager.send("POST", f"{path}/activate").json()

    assert (again["status"], again["_links"]) == ("ACTIVE", secret["_links"])


@pytest.mark.parametrize("folder", ["secrets", "jwks"])
def test_only_oauth_clients_have_secrets_and_public_keys(
    manager: Caller, org: Org, folder: str
) -> None:
    built_in = next(app for app in org.list("app") if app["name"] == "saasure")
    for path in (create(manager, app_bodies.bookmark()), f"{APPS}/{built_in['id']}"):
        for method in ("GET", "POST"):
            answer = manager.send(method, f"{path}/credentials/{folder}", rsa())

            assert (answer.status, answer.json()["errorSummary"][-17:]) == (
                *(404,),
                "(PublicClientApp)",
            )


def test_an_added_key_shows_in_the_list_and_in_the_app(manager: Caller, jwks: str) -> None:
    answer = manager.send("POST", jwks, rsa() | {"d": "private"})

    key = answer.json()
    app = manager.get(jwks.removesuffix("/credentials/jwks")).json()
    assert (answer.status, key["id"][:3], key["status"]) == (201, "pks", "ACTIVE")
    assert "d" not in key
    assert manager.get(jwks).json() == [key]
    assert manager.get(f"{jwks}/{key['id']}").json() == key
    assert [shown["id"] for shown in app["settings"]["oauthClient"]["jwks"]["keys"]] == [key["id"]]


def test_an_elliptic_key_is_a_key_too(manager: Caller, jwks: str) -> None:
    answer = manager.send("POST", jwks, {"kty": "EC", "x": "K" * 43, "y": "8" * 43})

    assert answer.status == 201


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        (rsa("one"), "All keys in the 'jwks' must have a unique `kid`."),
        (rsa(None), "Each key should have a unique kid"),
        (rsa("two", n="AQAB"), "is less than '2,048' bits"),
        (rsa("two", n=None), "is less than '2,048' bits"),
        ({"kty": "EC", "kid": "two", "x": "K", "y": "8"}, "EC key"),
    ],
)
def test_a_key_that_does_not_fit_is_refused(
    manager: Caller, jwks: str, key: dict[str, object], sentence: str
) -> None:
    manager.send("POST", jwks, rsa("one"))

    assert sentence in cause(manager.send("POST", jwks, key))


@pytest.mark.parametrize("key", [rsa(use="sign"), rsa(kty="oct"), rsa(status="NEXT"), rsa(n=1), []])
def test_what_is_no_key_is_not_well_formed(manager: Caller, jwks: str, key: object) -> None:
    answer = manager.send("POST", jwks, key)

    assert (answer.status, answer.json()["errorCode"]) == (400, "E0000003")


def test_there_are_fifty_keys_at_most(manager: Caller, jwks: str) -> None:
    answers = [manager.send("POST", jwks, rsa(f"key {number}")) for number in range(51)]

    assert [answer.status for answer in answers[:50]] == [201] * 50
    assert "maximum number of keys allowed (50)" in cause(answers[50])


def test_only_an_inactive_key_is_deleted(manager: Caller, jwks: str) -> None:
    keys = [manager.send("POST", jwks, rsa(kid)).json() for kid in ("one", "two")]
    path = f"{jwks}/{keys[0]['id']}"

    refused = cause(manager.send("DELETE", path))
    switched = manager.send("POST", f"{path}/lifecycle/deactivate")
    deleted = manager.send("DELETE", path)

    assert refused.startswith("You can't delete an active JSON Web Key.")
    assert (switched.status, switched.json()["status"]) == (200, "INACTIVE")
    assert list(switched.json()["_links"]) == ["activate", "delete"]
    assert deleted.status == 204
    assert manager.get(jwks).json() == [keys[1]]
    app = manager.get(jwks.removesuffix("/credentials/jwks")).json()
    assert [key["kid"] for key in app["settings"]["oauthClient"]["jwks"]["keys"]] == ["two"]


def test_the_last_key_of_an_app_that_signs_in_with_it_stays(manager: Caller, jwks: str) -> None:
    key = manager.send("POST", jwks, rsa()).json()

    answer = manager.send("POST", f"{jwks}/{key['id']}/lifecycle/deactivate")

    assert cause(answer).startswith("Can't deactivate the only active JSON Web Key")


def test_one_key_encrypts_at_a_time(manager: Caller, jwks: str) -> None:
    first = manager.send("POST", jwks, rsa("one", use="enc")).json()
    second = manager.send("POST", jwks, rsa("two", use="enc", status="INACTIVE")).json()

    refused = cause(manager.send("POST", jwks, rsa("three", use="enc")))
    stays = cause(manager.send("POST", f"{jwks}/{first['id']}/lifecycle/deactivate"))
    manager.send("POST", f"{jwks}/{second['id']}/lifecycle/activate")

    statuses = {key["kid"]: (key["status"], "_links" in key) for key in manager.get(jwks).json()}
    app = manager.get(jwks.removesuffix("/credentials/jwks")).json()
    shown = app["settings"]["oauthClient"]["jwks"]["keys"]
    assert refused == "The client can have only one active encryption key in the 'jwks'."
    assert stays == "You can't deactivate the active encryption key."
    assert statuses == {"one": ("INACTIVE", True), "two": ("ACTIVE", False)}
    assert {key["kid"]: key["status"] for key in shown} == {"one": "INACTIVE", "two": "ACTIVE"}


def test_a_key_for_signed_requests_is_needed(manager: Caller) -> None:
    jwks = create(manager, oidc(request_object_signing_alg="RS256")) + "/credentials/jwks"
    key = manager.send("POST", jwks, rsa()).json()

    answer = manager.send("POST", f"{jwks}/{key['id']}/lifecycle/deactivate")

    assert "request_object_signature_algorithm" in cause(answer)

import copy
import json

import pytest

from tenants.okta.redact import drop_secrets

CANARY = "c4n4ry-s3cret"


def test_secrets_are_dropped_wherever_they_stand():
    dirty = {
        "id": "0oa1",
        "credentials": {
            "oauthClient": {"client_id": "0oa1", "client_secret": CANARY},
            "password": {"value": CANARY},
        },
        "profile": {"authScheme": "TOKEN", "token": CANARY, "clientSecret": CANARY},
        "secrets": [{"id": "ocs1", "client_secret": CANARY, "secret_hash": "yk4SVx4sUWVJVbHt6M"}],
        "configuration": {"serviceAccountJson": {"private_key": CANARY, "project_id": "p"}},
        "access_token": CANARY,
        "apiToken": CANARY,
        "jwks": {"keys": [{"kty": "RSA", "n": "n", "e": "AQAB", "d": CANARY, "p": CANARY}]},
    }

    clean = drop_secrets(dirty)

    assert clean is dirty
    assert CANARY not in json.dumps(clean)
    assert clean["secrets"] == [{"id": "ocs1", "secret_hash": "yk4SVx4sUWVJVbHt6M"}]
    assert clean["jwks"] == {"keys": [{"kty": "RSA", "n": "n", "e": "AQAB"}]}
    assert clean["profile"] == {"authScheme": "TOKEN"}


def test_what_only_sounds_secret_stays():
    app = {
        "credentials": {"oauthClient": {"token_endpoint_auth_method": "client_secret_basic"}},
        "actions": {"token": {"accessTokenLifetimeMinutes": 60}},
        "visibility": {"d": 1, "k": 2},
        "password": None,
    }

    rest = {key: app[key] for key in app if key != "password"}

    assert drop_secrets(copy.deepcopy(app)) == rest


def test_what_a_feature_may_do_with_passwords_is_no_password():
    policy = {"status": "ENABLED", "seed": "RANDOM", "change": "KEEP_EXISTING"}
    app = {"capabilities": {"update": {"password": policy}}, "credentials": {"password": {}}}

    assert drop_secrets(copy.deepcopy(app)) == app
    assert drop_secrets({"password": {**policy, "value": CANARY}}) == {}
    assert drop_secrets({"password": CANARY}) == {}


@pytest.mark.parametrize(
    "name",
    ["adminPassword", "device_secret", "sharedSecret", "secretKey", "api_key", "mfa_token"],
)
def test_whatever_its_maker_calls_a_secret_is_one(name):
    assert drop_secrets({"settings": {"app": {name: CANARY}}}) == {"settings": {"app": {}}}
    assert drop_secrets({name: None, "other": {name: {}}}) == {name: None, "other": {name: {}}}


def test_a_vault_is_dropped_with_all_it_holds():
    assert drop_secrets({"vaulted_secret": {"user": "a", "pin": CANARY}}) == {}

"""The end of a token, and what can be learned about one."""

import pytest

from tenants.sandbox.org import Org
from tests.sandbox.caller import Answer, Caller, basic
from tests.sandbox.conftest import Clock

REVOKE, INTROSPECT, TOKEN = (f"/oauth2/v1/{name}" for name in ("revoke", "introspect", "token"))
SCOPE = "okta.apps.read"


def ask(caller: Caller, org: Org, path: str, **form: str) -> Answer:
    """One of the endpoints, as our client."""
    return caller.send_form(path, form, basic(org.client_id, org.client_secret))


def add_other(org: Org) -> tuple[str, str]:
    """Client ID and secret of another integration."""
    client_id = org.installs.add("other", [SCOPE])
    return client_id, org.installs.active_values(client_id)[0]


@pytest.fixture
def token(stranger: Caller, org: Org) -> str:
    body = stranger.ask_token(org.client_id, org.client_secret, SCOPE).json()
    value: str = body["access_token"]
    return value


# Revoke


def test_a_revoked_token_is_worth_nothing(stranger: Caller, org: Org, token: str) -> None:
    stranger.bearer = token
    before = stranger.get("/api/v1/apps?limit=1").status

    answer = ask(stranger, org, REVOKE, token=token, token_type_hint="access_token")

    after = stranger.get("/api/v1/apps?limit=1")
    assert (before, answer.status, answer.body) == (200, 200, b"")
    assert (after.status, after.json()["errorCode"]) == (401, "E0000011")
    assert ask(stranger, org, INTROSPECT, token=token).json() == {"active": False}


def test_revoking_what_is_no_token_looks_the_same(stranger: Caller, org: Org, token: str) -> None:
    ask(stranger, org, REVOKE, token=token)

    for value in (token, "nonsense"):
        answer = ask(stranger, org, REVOKE, token=value)
        assert (answer.status, answer.body) == (200, b"")


def test_a_client_revokes_only_its_own_tokens(stranger: Caller, org: Org, token: str) -> None:
    answer = stranger.send_form(REVOKE, {"token": token}, basic(*add_other(org)))

    stranger.bearer = token
    assert answer.status == 200
    assert stranger.get("/api/v1/apps?limit=1").status == 200


# Introspect


def test_an_active_token_tells_what_it_is(
    stranger: Caller, org: Org, token: str, clock: Clock
) -> None:
    clock.now += 10

    answer = ask(stranger, org, INTROSPECT, token=token, token_type_hint="access_token")

    body = answer.json()
    assert answer.status == 200
    assert body.pop("jti").startswith("AT.")
    assert body == {
        "active": True,
        "scope": SCOPE,
        "client_id": org.client_id,
        "exp": 1_790_003_600,
        "iat": 1_790_000_000,
        "sub": org.client_id,
        "aud": "https://acme.okta.com",
        "iss": "https://acme.okta.com",
        "token_type": "Bearer",
    }


def test_an_expired_token_is_not_active(
    stranger: Caller, org: Org, token: str, clock: Clock
) -> None:
    clock.now += 3600

    assert ask(stranger, org, INTROSPECT, token=token).json() == {"active": False}


# What all endpoints have in common


@pytest.mark.parametrize("path", [REVOKE, INTROSPECT])
def test_a_missing_token_is_a_400(stranger: Caller, org: Org, path: str) -> None:
    answer = ask(stranger, org, path, token_type_hint="access_token")

    assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", [TOKEN, REVOKE, INTROSPECT])
def test_every_endpoint_wants_the_client_to_prove_itself(
    stranger: Caller, org: Org, path: str
) -> None:
    form = {"token": "x", "grant_type": "client_credentials", "scope": SCOPE}
    pair = org.client_id, org.client_secret

    answers = [
        stranger.send_form(path, form, basic(org.client_id, "wrong")),
        stranger.send_form(path, form, basic("0oaNobody", org.client_secret)),
        stranger.send_form(path, form, ""),
        stranger.send_form(path, {**form, "client_secret": org.client_secret}, ""),
    ]
    twice = stranger.send_form(path, {**form, "client_secret": "x"}, basic(*pair))
    in_query = stranger.send_form(f"{path}?client_secret=x", form, basic(*pair))

    for answer in answers:
        assert (answer.status, answer.json()["error"]) == (401, "invalid_client")
    assert (twice.status, twice.json()["error"]) == (401, "invalid_request")
    assert (in_query.status, in_query.json()["error"]) == (400, "invalid_request")


def test_a_secret_of_one_client_is_none_of_another(stranger: Caller, org: Org) -> None:
    other_id, other_secret = add_other(org)

    assert stranger.ask_token(other_id, other_secret, SCOPE).status == 200
    assert stranger.ask_token(other_id, org.client_secret, SCOPE).status == 401
    assert stranger.ask_token(org.client_id, other_secret, SCOPE).status == 401


def test_only_our_own_client_can_turn_out_to_be_made_by_hand(stranger: Caller, org: Org) -> None:
    org.client_kind = "custom"

    assert stranger.ask_token(org.client_id, org.client_secret, SCOPE).status == 401
    assert stranger.ask_token(*add_other(org), SCOPE).status == 200

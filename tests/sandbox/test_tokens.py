from collections.abc import Callable

import pytest

from tenants.sandbox.modes import ClientKind
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.conftest import Clock

APPS = "okta.apps.read"
FORM = "application/x-www-form-urlencoded"


def test_a_granted_scope_gets_an_hour_long_bearer_token(stranger: Caller, org: Org) -> None:
    answer = stranger.ask_token(org.client_id, org.client_secret, APPS)

    token = answer.json()
    assert answer.status == 200
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 3600, APPS)
    assert answer.headers["x-rate-limit-limit"] == "150"


def test_scopes_come_back_in_the_order_asked_for(stranger: Caller, org: Org) -> None:
    wanted = "okta.authorizationServers.read okta.apps.read"

    answer = stranger.ask_token(org.client_id, org.client_secret, wanted)

    assert answer.json()["scope"] == wanted


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        pytest.param("", "invalid_scope", id="none"),
        pytest.param("okta.appz.read", "invalid_scope", id="unknown name"),
        pytest.param("openid okta.apps.read", "invalid_scope", id="about a user"),
        pytest.param("okta.users.read", "consent_required", id="not granted"),
        pytest.param("okta.apps.read okta.users.read", "consent_required", id="one not granted"),
    ],
)
def test_a_scope_that_cannot_be_had_is_a_400(
    stranger: Caller, org: Org, scope: str, code: str
) -> None:
    answer = stranger.ask_token(org.client_id, org.client_secret, scope)

    assert (answer.status, answer.json()["error"]) == (400, code)


def test_an_org_can_narrow_a_partly_granted_request(stranger: Caller, org: Org) -> None:
    org.narrows_scopes = True

    answer = stranger.ask_token(org.client_id, org.client_secret, "okta.users.read okta.apps.read")

    assert answer.json()["scope"] == APPS


def test_wrong_secret_and_wrong_client_are_both_invalid_client(stranger: Caller, org: Org) -> None:
    wrong_secret = stranger.ask_token(org.client_id, "not the secret", APPS)
    wrong_client = stranger.ask_token("0oaUnknown", org.client_secret, APPS)

    for answer in (wrong_secret, wrong_client):
        assert (answer.status, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic ")
    assert wrong_secret.json() != wrong_client.json()
    assert wrong_client.headers["x-rate-limit-remaining"] == "148"


def test_after_a_rotation_only_the_new_secret_works(stranger: Caller, org: Org) -> None:
    old = org.client_secret

    new = org.rotate_secret()

    assert stranger.ask_token(org.client_id, old, APPS).status == 401
    assert stranger.ask_token(org.client_id, new, APPS).status == 200


def test_two_secrets_can_be_valid_but_never_three(stranger: Caller, org: Org) -> None:
    first = org.client_secret

    second = org.rotate_secret(keep_old=True)
    both = [stranger.ask_token(org.client_id, secret, APPS).status for secret in (first, second)]
    org.rotate_secret(keep_old=True)

    assert both == [200, 200]
    assert stranger.ask_token(org.client_id, first, APPS).status == 401
    assert stranger.ask_token(org.client_id, second, APPS).status == 200


def test_revoking_the_integration_ends_client_and_tokens(client: Caller, org: Org) -> None:
    pair = org.client_id, org.client_secret

    org.revoke_integration()

    assert client.get("/api/v1/apps").status == 401
    refused = client.ask_token(*pair, APPS)
    assert (refused.status, refused.json()["error"]) == (401, "invalid_client")


def test_installing_again_makes_a_new_pair(stranger: Caller, org: Org) -> None:
    old = org.client_id, org.client_secret

    org.install()

    assert stranger.ask_token(*old, APPS).status == 401
    assert stranger.ask_token(org.client_id, org.client_secret, APPS).status == 200


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("dpop", 400, "invalid_dpop_proof"), ("custom", 401, "invalid_client")],
)
def test_a_custom_app_is_refused(
    stranger: Caller, org: Org, kind: ClientKind, status: int, code: str
) -> None:
    org.client_kind = kind

    answer = stranger.ask_token(org.client_id, org.client_secret, APPS)

    assert (answer.status, answer.json()["error"]) == (status, code)


def test_a_secret_in_the_form_is_refused(stranger: Caller, org: Org) -> None:
    form = f"grant_type=client_credentials&scope={APPS}&client_id={org.client_id}"

    answer = stranger.call(
        "POST",
        "/oauth2/v1/token",
        body=f"{form}&client_secret={org.client_secret}",
        content_type=FORM,
    )

    assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


def test_a_secret_sent_twice_is_an_invalid_request_with_401(stranger: Caller, org: Org) -> None:
    answer = stranger.ask_token(
        org.client_id, org.client_secret, APPS, client_secret=org.client_secret
    )

    assert (answer.status, answer.json()["error"]) == (401, "invalid_request")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param("scope=okta.apps.read", "invalid_request", id="no grant type"),
        pytest.param("grant_type=password", "unsupported_grant_type", id="other grant"),
        pytest.param("grant_type=a&grant_type=b", "invalid_request", id="sent twice"),
        pytest.param("", "invalid_request", id="empty"),
    ],
)
def test_a_form_that_is_not_a_token_request_is_a_400(
    stranger: Caller, body: str, code: str
) -> None:
    answer = stranger.call("POST", "/oauth2/v1/token", body=body, content_type=FORM)

    assert (answer.status, answer.json()["error"]) == (400, code)


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Bearer x"])
def test_credentials_that_are_not_basic_are_refused(stranger: Caller, header: str) -> None:
    form = "grant_type=client_credentials&scope=okta.apps.read"

    answer = stranger.call(
        "POST", "/oauth2/v1/token", body=form, content_type=FORM, authorization=header
    )

    assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


def test_a_token_dies_when_its_time_is_over(client: Caller, clock: Clock) -> None:
    clock.now += 3599
    before = client.get("/api/v1/apps").status
    clock.now += 1

    after = client.get("/api/v1/apps")

    assert before == 200
    assert (after.status, after.json()["errorCode"]) == (401, "E0000011")


def test_a_token_of_one_org_is_worth_nothing_in_another(
    client: Caller, sandbox: Sandbox, connect: Callable[[str], Caller]
) -> None:
    other = connect(sandbox.add_org("globex.oktapreview.com", apps=1).host)
    other.bearer = client.bearer

    assert other.get("/api/v1/apps").status == 401


def test_an_org_shows_no_secret_when_printed(org: Org) -> None:
    assert org.client_secret not in repr(org)
    assert org.client_secret not in repr(vars(org)["limits"])

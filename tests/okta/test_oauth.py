import base64
import json
import pickle
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs

import pytest

from tenants.okta.egress import open_org
from tenants.okta.errors import (
    OktaAuthError,
    OktaDpopRequired,
    OktaProtocolError,
    OktaScopeError,
    OktaUnavailable,
)
from tenants.okta.oauth import AccessToken, ask_as_client, fetch_access_token
from tenants.okta.operations import OPERATIONS
from tests.okta.fakes import ScriptedOrg, reply
from tests.okta.loopback import answer

CLIENT_ID = "0oa1gjh63g214q0Hq0g4"
SECRET = "Qs4-canary_40_characters_of_client_secret"
SCOPES = frozenset({"okta.apps.read", "okta.authorizationServers.read"})
GOOD = {
    "token_type": "Bearer",
    "expires_in": 3600,
    "access_token": "eyJraWQi.canary.token",
    "scope": "okta.authorizationServers.read okta.apps.read",
}


def fetch(org, *, client_id=CLIENT_ID, client_secret=SECRET, scopes=SCOPES):
    return fetch_access_token(org, client_id=client_id, client_secret=client_secret, scopes=scopes)


def test_a_token_is_asked_for_by_basic_authentication_with_exactly_the_scopes():
    org = ScriptedOrg(reply(GOOD))

    fetch(org)

    (sent,) = org.sent
    kind, _, credential = sent.headers["Authorization"].partition(" ")
    assert (sent.method, sent.target) == ("POST", "/oauth2/v1/token")
    assert kind == "Basic"
    assert base64.b64decode(credential).decode() == f"{CLIENT_ID}:{SECRET}"
    assert parse_qs(sent.body.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["okta.apps.read okta.authorizationServers.read"],
    }
    assert SECRET not in sent.body.decode()


def test_the_token_knows_what_was_granted_and_when_it_ends():
    before = time.monotonic()

    token = fetch(ScriptedOrg(reply(GOOD)))

    assert (token.value, token.scopes) == ("eyJraWQi.canary.token", SCOPES)
    assert before + 3600 <= token.expires_at <= time.monotonic() + 3600


def test_a_token_never_shows_its_value():
    token = AccessToken("canary", SCOPES, 1.0)

    assert not any("canary" in text for text in (repr(token), str(token), f"{token}", f"{[token]}"))


def test_the_request_goes_over_the_real_wire(serve, policy):
    org = serve(answer(b'{"token_type":"Bearer","expires_in":1,"access_token":"t","scope":"a"}'))

    with open_org("acme.okta.com", policy(org)) as http:
        token = fetch(http, scopes=frozenset({"a"}))

    assert token.value == "t"
    assert org.requests[0].endswith(b"grant_type=client_credentials&scope=a")
    assert org.requests[0].lower().count(b"authorization: basic ") == 1


def test_no_scopes_is_our_own_mistake():
    org = ScriptedOrg()

    with pytest.raises(ValueError, match="scope"):
        fetch(org, scopes=frozenset())

    assert not org.sent


@pytest.mark.parametrize(
    "credential",
    [
        {"client_secret": "s3cret\u0161"},
        {"client_secret": "s3cret\r\nX: y"},
        {"client_secret": ""},
        {"client_secret": "x" * 256},
        {"client_id": "0oa:1"},
        {"client_id": "0oa 1"},
        {"client_id": ""},
    ],
)
def test_a_credential_that_okta_cannot_have_issued_is_not_sent(credential):
    org = ScriptedOrg()

    with pytest.raises(OktaAuthError) as refused:
        fetch(org, **credential)

    assert refused.value.code == "invalid_client"
    assert "s3cret" not in str(refused.value)
    assert not org.sent


def test_a_token_narrower_than_asked_names_what_is_missing():
    with pytest.raises(OktaScopeError) as refused:
        fetch(ScriptedOrg(reply({**GOOD, "scope": "okta.apps.read"})))

    assert refused.value.missing_scope == "okta.authorizationServers.read"


def test_a_token_bound_to_dpop_is_of_no_use():
    with pytest.raises(OktaDpopRequired):
        fetch(ScriptedOrg(reply({**GOOD, "token_type": "DPoP"})))


def test_the_kind_of_token_is_compared_without_case():
    assert fetch(ScriptedOrg(reply({**GOOD, "token_type": "bearer"}))).scopes == SCOPES


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({**GOOD, "token_type": "N_A"}, id="kind"),
        pytest.param({**GOOD, "token_type": None}, id="no kind"),
        pytest.param({**GOOD, "access_token": ""}, id="empty token"),
        pytest.param({**GOOD, "access_token": "canary\r\n"}, id="token with line break"),
        pytest.param({**GOOD, "access_token": "c" * 16385}, id="token too long"),
        pytest.param({**GOOD, "expires_in": "3600"}, id="life as text"),
        pytest.param({**GOOD, "expires_in": True}, id="life as truth"),
        pytest.param({**GOOD, "expires_in": 0}, id="no life"),
        pytest.param({**GOOD, "expires_in": 86401}, id="endless life"),
        pytest.param({**GOOD, "expires_in": -3600}, id="a life before"),
        pytest.param({**GOOD, "expires_in": 3600.0}, id="life as fraction"),
        pytest.param(json.dumps(GOOD).replace("3600", "1e400").encode(), id="life past numbers"),
        pytest.param(json.dumps(GOOD).replace("3600", "9" * 5000).encode(), id="life of digits"),
        pytest.param({**GOOD, "token_type": ["Bearer"]}, id="kinds"),
        pytest.param({**GOOD, "scope": None}, id="no scope"),
        pytest.param({**GOOD, "scope": GOOD["scope"].split()}, id="scopes as list"),
        pytest.param({**GOOD, "scope": f"{GOOD['scope']} {'a ' * 8192}"}, id="crowd of scopes"),
        pytest.param({**GOOD, "scope": GOOD["scope"].replace(" ", "\u00a0")}, id="odd scopes"),
        pytest.param([GOOD], id="list"),
        pytest.param(b'{"scope":"canary",' + json.dumps(GOOD).encode()[1:], id="repeated key"),
        pytest.param(b'{"expires_in":NaN,"access_token":"canary"}', id="not a number"),
        pytest.param(b"canary", id="no JSON"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_a_success_that_is_no_token_is_a_protocol_error(body):
    with pytest.raises(OktaProtocolError) as error:
        fetch(ScriptedOrg(reply(body)))

    assert error.value.retryable
    assert "canary" not in f"{error.value!r} {error.value.__cause__!r}"


def test_a_token_with_another_status_than_200_is_a_protocol_error():
    with pytest.raises(OktaProtocolError):
        fetch(ScriptedOrg(reply(GOOD, 206)))


def test_a_page_instead_of_a_token_is_a_protocol_error():
    with pytest.raises(OktaProtocolError):
        fetch(ScriptedOrg(reply(b"<html>", content_type="text/html")))


def test_a_refusal_does_not_show_the_secret_even_if_okta_echoes_it():
    body = {"error": "invalid_client", "error_description": f"bad: {SECRET[:12]} {SECRET}"}

    with pytest.raises(OktaAuthError) as refused:
        fetch(ScriptedOrg(reply(body, 401)))

    assert SECRET not in str(refused.value)


def test_a_lost_token_request_is_not_repeated():
    org = ScriptedOrg(OktaUnavailable("gone"))

    with pytest.raises(OktaUnavailable):
        fetch(org)

    assert len(org.sent) == 1


def test_an_error_survives_being_pickled():
    error = OktaScopeError("no", missing_scope="a", status=400)

    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert (again.code, again.missing_scope, again.status) == ("scope_missing", "a", 400)


def ask(org, name, reveal=False, **form):
    return ask_as_client(
        org,
        OPERATIONS[name],
        client_id=CLIENT_ID,
        client_secret=SECRET,
        form=form,
        reveal=reveal,
    )


def test_a_token_is_revoked_by_the_client_itself():
    org = ScriptedOrg(reply(None, 200))

    assert ask(org, "revoke", token="abc", token_type_hint="access_token").value is None

    (sent,) = org.sent
    assert (sent.method, sent.target) == ("POST", "/oauth2/v1/revoke")
    assert sent.headers["Authorization"].startswith("Basic ")
    assert sent.body == b"token=abc&token_type_hint=access_token"


def test_introspection_tells_what_okta_knows_of_a_token():
    org = ScriptedOrg(reply({"active": True, "scope": "okta.apps.read"}))

    assert ask(org, "introspect", token="abc").value == {"active": True, "scope": "okta.apps.read"}


def test_a_token_asked_for_by_hand_is_shown_only_when_it_shall_be():
    form = {"grant_type": "client_credentials", "scope": "okta.apps.read"}
    org = ScriptedOrg(reply(GOOD), reply(GOOD))

    assert "access_token" not in ask(org, "token", **form).value
    assert ask(org, "token", reveal=True, **form).value["access_token"] == GOOD["access_token"]


def test_what_the_client_is_refused_is_a_typed_error_without_its_secrets():
    refused = reply({"error": "invalid_client", "error_description": f"bad {SECRET}"}, 401)

    with pytest.raises(OktaAuthError) as error:
        ask(ScriptedOrg(refused), "revoke", token="abc")

    assert SECRET not in str(error.value)


def test_a_success_that_is_no_token_is_named_by_its_request_id():
    with pytest.raises(OktaProtocolError) as broken:
        fetch(ScriptedOrg(reply({"token_type": "Bearer"}, x_okta_request_id="abc123")))

    assert broken.value.request_id == "abc123"


@pytest.mark.parametrize(("ahead_s", "told_s"), [(0, 0), (90, -90), (-90, 90)])
def test_a_token_tells_how_far_our_clock_is_from_okta_s(ahead_s, told_s):
    dated = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead_s), usegmt=True)

    token = fetch(ScriptedOrg(reply(GOOD, date=dated)))

    assert token.clock_off_s == pytest.approx(told_s, abs=2)


def test_an_answer_without_a_date_tells_nothing_of_our_clock():
    assert fetch(ScriptedOrg(reply(GOOD, date=[]))).clock_off_s == 0

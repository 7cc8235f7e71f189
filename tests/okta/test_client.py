import json

import pytest

from tenants.okta.client import OktaClient
from tenants.okta.egress import open_org
from tenants.okta.errors import (
    OktaAuthError,
    OktaForbidden,
    OktaNotLicensed,
    OktaProtocolError,
    OktaRateLimited,
    OktaRequestError,
    OktaUnavailable,
    ScopeNotHeld,
)
from tenants.okta.operations import (
    GET_APP,
    LIST_APPS,
    LIST_AUTHORIZATION_SERVERS,
    Bucket,
    Effect,
    Operation,
)
from tests.okta.fakes import FakeTokens, ScriptedOrg, limits, refusal, reply
from tests.okta.loopback import answer

READ = frozenset({"okta.apps.read"})
MANAGE = frozenset({"okta.apps.manage"})
APP = {"appId": "0oa1"}
CREATE_APP = Operation(
    "createApplication", "POST", "/api/v1/apps", "okta.apps.manage", Effect.CREATE, Bucket.APPS
)
ACTIVATE_APP = Operation(
    "activateApplication",
    "POST",
    "/api/v1/apps/{appId}/lifecycle/activate",
    "okta.apps.manage",
    Effect.LIFECYCLE,
    Bucket.APPS,
)


class Caller:
    """A client on a scripted org, with its tokens and what it slept."""

    def __init__(self, *script, scopes=READ):
        self.org = ScriptedOrg(*script)
        self.tokens = FakeTokens()
        self.slept = []
        self.client = OktaClient(self.org, self.tokens, scopes, sleep=self.slept.append)

    def get(self):
        return self.client.call(GET_APP, path=APP)


def test_a_call_carries_the_token_and_returns_the_decoded_answer():
    caller = Caller(reply({"id": "0oa1", "label": "App"}))

    assert caller.get() == {"id": "0oa1", "label": "App"}

    (sent,) = caller.org.sent
    assert (sent.method, sent.target, sent.body) == ("GET", "/api/v1/apps/0oa1", b"")
    assert sent.headers["authorization"] == "Bearer token-1"
    assert sent.headers["accept"] == "application/json"


def test_every_token_is_asked_for_with_exactly_the_clients_scopes():
    caller = Caller(reply({}), reply([]))

    caller.get()
    list(caller.client.pages(LIST_APPS))

    assert caller.tokens.asked == [READ, READ]


def test_a_body_is_sent_as_json_with_its_query():
    caller = Caller(reply({}), scopes=MANAGE)

    caller.client.call(CREATE_APP, query={"activate": "false"}, body={"label": "Crème 🙂"})

    (sent,) = caller.org.sent
    assert sent.target == "/api/v1/apps?activate=false"
    assert json.loads(sent.body) == {"label": "Crème 🙂"}
    assert sent.headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [200, 201, 204])
def test_an_empty_success_is_none(status):
    assert Caller(reply(None, status)).get() is None


def test_an_answers_secrets_are_dropped():
    assert Caller(reply({"client_secret": "s3cret", "id": "a"})).get() == {"id": "a"}


@pytest.mark.parametrize("content_type", ["application/json;charset=UTF-8", "Application/JSON"])
def test_the_media_type_is_compared_not_the_header(content_type):
    assert Caller(reply({"a": 1}, content_type=content_type)).get() == {"a": 1}


def test_an_operation_outside_the_scopes_is_our_own_mistake():
    caller = Caller()

    with pytest.raises(ScopeNotHeld, match=r"okta\.authorizationServers\.read"):
        caller.client.call(LIST_AUTHORIZATION_SERVERS)
    with pytest.raises(ScopeNotHeld):
        caller.client.pages(LIST_AUTHORIZATION_SERVERS)

    assert not caller.org.sent
    assert not caller.tokens.asked


def test_a_refused_token_is_replaced_once_and_the_call_repeated():
    caller = Caller(refusal(401, "E0000011"), reply({"id": "a"}))

    assert caller.get() == {"id": "a"}

    assert caller.tokens.discarded == ["token-1"]
    assert [sent.headers["authorization"] for sent in caller.org.sent] == [
        "Bearer token-1",
        "Bearer token-2",
    ]


def test_a_second_refusal_of_the_token_is_final():
    caller = Caller(refusal(401, "E0000011"), refusal(401, "E0000011"))

    with pytest.raises(OktaAuthError) as refused:
        caller.get()

    assert refused.value.code == "invalid_token"
    assert caller.tokens.discarded == ["token-1"]


def test_a_write_is_repeated_too_when_only_its_token_was_refused():
    caller = Caller(refusal(401, "E0000011"), reply({}), scopes=MANAGE)

    caller.client.call(ACTIVATE_APP, path=APP)

    assert len(caller.org.sent) == 2


def test_a_missing_licence_says_nothing_about_the_token():
    caller = Caller(refusal(401, "E0000015"))

    with pytest.raises(OktaNotLicensed):
        caller.get()

    assert not caller.tokens.discarded
    assert caller.client.calls == 1


@pytest.mark.parametrize(
    "failure",
    [
        OktaUnavailable("gone"),
        OktaProtocolError("broken off"),
        refusal(500, "E0000009"),
        reply(status=502),
        reply(b"<html>", content_type="text/html"),
        reply(b'{"id":'),
        reply(b'{"id":NaN}'),
    ],
    ids=["lost", "broken", "500", "502", "page", "half", "nan"],
)
def test_a_read_is_tried_three_times_with_growing_pauses(failure):
    caller = Caller(failure, failure, reply({"id": "a"}))

    assert caller.get() == {"id": "a"}

    assert caller.client.calls == 3
    assert len(caller.slept) == 2
    assert 0 <= caller.slept[0] <= 0.5
    assert 0 <= caller.slept[1] <= 1


def test_a_read_that_fails_three_times_has_failed():
    caller = Caller(*[refusal(503, "E0000010")] * 3)

    with pytest.raises(OktaUnavailable):
        caller.get()

    assert caller.client.calls == 3


@pytest.mark.parametrize("failure", [OktaUnavailable("gone"), refusal(500, "E0000009")])
def test_a_write_that_may_have_happened_is_not_repeated(failure):
    caller = Caller(failure, scopes=MANAGE)

    with pytest.raises(OktaUnavailable):
        caller.client.call(CREATE_APP, body={})

    assert caller.client.calls == 1
    assert not caller.slept


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(refusal(403, "E0000006"), OktaForbidden), (refusal(400, "E0000001"), OktaRequestError)],
)
def test_a_refusal_is_not_repeated(failure, kind):
    caller = Caller(failure)

    with pytest.raises(kind):
        caller.get()

    assert caller.client.calls == 1


def test_a_short_rate_limit_is_slept_out_once():
    caller = Caller(refusal(429, "E0000047", **limits(100, 0, 8)), reply({"id": "a"}))

    assert caller.get() == {"id": "a"}
    assert caller.slept == [9.0]


def test_a_second_rate_limit_is_the_callers():
    short = refusal(429, "E0000047", **limits(100, 0, 8))
    caller = Caller(short, short)

    with pytest.raises(OktaRateLimited):
        caller.get()

    assert caller.slept == [9.0]


def test_a_long_rate_limit_is_not_slept_out():
    caller = Caller(refusal(429, "E0000047", **limits(100, 0, 48)))

    with pytest.raises(OktaRateLimited) as limited:
        caller.get()

    assert limited.value.retry_after == 49
    assert not caller.slept


def test_the_last_tenth_of_a_window_is_left_to_the_customer():
    caller = Caller(reply([], **limits(50, 5, 30)), reply({"id": "a"}))
    list(caller.client.pages(LIST_APPS))

    with pytest.raises(OktaRateLimited) as limited:
        list(caller.client.pages(LIST_APPS))

    assert 29 < limited.value.retry_after <= 31
    assert caller.client.calls == 1
    assert caller.get() == {"id": "a"}  # one app by id is counted elsewhere


def test_a_token_that_cannot_be_had_stops_the_call():
    caller = Caller()

    def refuse(scopes):
        raise OktaAuthError("revoked")

    caller.tokens.token = refuse

    with pytest.raises(OktaAuthError):
        caller.get()

    assert not caller.org.sent


def test_an_error_never_shows_the_token():
    caller = Caller(refusal(400, "E0000001", "bad token-1"))

    with pytest.raises(OktaRequestError) as refused:
        caller.get()

    assert "token-1" not in str(refused.value)


def test_calls_and_pages_work_over_the_real_wire(serve, policy):
    org = serve(answer(b'[{"id":"0oa1"}]'))

    with open_org("acme.okta.com", policy(org)) as http:
        client = OktaClient(http, FakeTokens(), READ)
        (page,) = client.pages(LIST_APPS)

    assert page.items == ({"id": "0oa1"},)
    assert (client.calls, http.requests) == (1, 1)
    assert b"authorization: bearer token-1" in org.requests[0].lower()

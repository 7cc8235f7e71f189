import json
from typing import ClassVar
from unittest.mock import Mock

import pytest

from tenants.okta.budgets import LocalBudget
from tenants.okta.client import OktaClient
from tenants.okta.egress import open_org
from tenants.okta.errors import (
    EgressRefused,
    OktaAmbiguous,
    OktaAuthError,
    OktaError,
    OktaForbidden,
    OktaNotLicensed,
    OktaProtocolError,
    OktaRateLimited,
    OktaReadOnly,
    OktaRequestError,
    OktaUnavailable,
    ScopeNotHeld,
)
from tenants.okta.operations import (
    GET_APP,
    LIST_APPS,
    LIST_AUTHORIZATION_SERVERS,
    OPERATIONS,
    Bucket,
)
from tests.okta.fakes import FakeTokens, ScriptedOrg, limits, refusal, reply
from tests.okta.loopback import answer

READ = frozenset({"okta.apps.read"})
MANAGE = frozenset({"okta.apps.manage"})
APP = {"appId": "0oa1"}
CREATE_APP = OPERATIONS["createApplication"]
ACTIVATE_APP = OPERATIONS["activateApplication"]


class Generous:
    """A budget that never makes anybody wait, and remembers what it was told."""

    def __init__(self):
        self.told = []

    def ask(self, bucket):
        return 0.0

    def settle(self, bucket, answer):
        self.told.append((bucket, answer and answer.status))


class Caller:
    """A client on a scripted org, with its tokens and what it slept."""

    def __init__(self, *script, scopes=READ, budget=None):
        self.org = ScriptedOrg(*script)
        self.tokens = FakeTokens()
        self.slept = []
        self.budget = budget or Generous()
        self.client = OktaClient(
            self.org, self.tokens, scopes, budget=self.budget, sleep=self.slept.append
        )

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


@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize("body", [None, {}], ids=["no body", "an empty object"])
def test_a_write_may_be_answered_by_any_success_with_or_without_a_body(status, body):
    caller = Caller(reply(body, status), scopes=MANAGE)

    assert caller.client.call(ACTIVATE_APP, path=APP) == body


def test_a_read_that_comes_back_empty_is_no_answer():
    caller = Caller(reply(None, 200), reply({"id": "0oa1"}))

    assert caller.get() == {"id": "0oa1"}


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
    caller = Caller(*[refusal(503, "E0000000")] * 3)

    with pytest.raises(OktaUnavailable):
        caller.get()

    assert caller.client.calls == 3


@pytest.mark.parametrize(
    "failure",
    [
        OktaUnavailable("time-out", sent=True),
        OktaProtocolError("broke off", sent=True),
        EgressRefused("the answer is too large", status=200, sent=True),
        refusal(500, "E0000009"),
        reply(b"<html>", 502, content_type="text/html"),
        reply(status=504),
        reply(status=408),
        reply(b'{"id":', 200, content_type="application/json"),
        reply(b"<html>", 200, content_type="text/html"),
    ],
    ids=["lost", "broken", "huge", "500", "502", "504", "408", "half an answer", "a page"],
)
@pytest.mark.parametrize("name", ["createApplication", "replaceApplication", "deleteApplication"])
def test_a_write_that_may_have_happened_is_ambiguous_and_not_repeated(failure, name):
    caller = Caller(failure, scopes=MANAGE)
    operation = OPERATIONS[name]

    with pytest.raises(OktaAmbiguous) as unclear:
        caller.client.call(operation, path=APP, body={"label": "a"} if operation.body else None)

    assert not unclear.value.retryable
    assert isinstance(unclear.value.__cause__, OktaError)
    assert caller.client.calls == 1
    assert not caller.slept


def test_an_ambiguous_write_tells_what_oktas_support_asks_for():
    failure = refusal(500, "E0000009", x_okta_request_id="abc123")
    caller = Caller(failure, scopes=MANAGE)

    with pytest.raises(OktaAmbiguous) as unclear:
        caller.client.call(CREATE_APP, body={})

    error = unclear.value
    assert (error.status, error.error_code, error.request_id) == (500, "E0000009", "abc123")
    assert error.error_id.startswith("oae")


@pytest.mark.parametrize(
    "spoilt",
    [{"body": b'{"id":'}, {"body": b"<html>", "content_type": "text/html"}, {"status": 500}],
    ids=["half", "a page", "500"],
)
def test_an_answer_that_cannot_be_read_is_named_by_its_request_id(spoilt):
    answer = reply(x_okta_request_id="abc123", **spoilt)
    caller = Caller(*[answer] * 7, scopes=MANAGE)

    with pytest.raises(OktaAmbiguous) as write:
        caller.client.call(CREATE_APP, body={})
    with pytest.raises(OktaError) as read:
        caller.client.call(GET_APP, path=APP)
    with pytest.raises(OktaError) as walk:
        next(caller.client.pages(LIST_APPS))

    assert [error.value.request_id for error in (write, read, walk)] == ["abc123"] * 3


def test_a_next_link_that_leads_astray_is_named_by_its_request_id():
    link = '<https://evil.org/api/v1/apps?after=a>; rel="next"'
    caller = Caller(reply([], link=link, x_okta_request_id="abc123"))

    with pytest.raises(EgressRefused) as refused:
        next(caller.client.pages(LIST_APPS))

    assert refused.value.request_id == "abc123"


@pytest.mark.parametrize("sent", ["x" * 65, "a b", "\x1b[2J"])
def test_a_request_id_of_another_shape_is_none(sent):
    caller = Caller(reply({"id": "a"}, x_okta_request_id=sent))

    assert caller.client.exchange(GET_APP, path=APP).request_id == ""


@pytest.mark.parametrize(
    "failure",
    [OktaUnavailable("no route", sent=False), refusal(423, "E0000239"), refusal(409, "E0000268")],
    ids=["never sent", "being reconciled", "changed meanwhile"],
)
def test_a_write_that_surely_changed_nothing_is_tried_again(failure):
    caller = Caller(failure, reply({"id": "0oa1"}), scopes=MANAGE)

    assert caller.client.call(CREATE_APP, body={}) == {"id": "0oa1"}
    assert len(caller.slept) == 1


def test_an_org_in_read_only_mode_is_left_alone_for_a_minute():
    caller = Caller(refusal(503, "E0000010"), scopes=MANAGE)

    with pytest.raises(OktaReadOnly) as refused:
        caller.client.call(CREATE_APP, body={})

    assert (refused.value.retryable, refused.value.retry_after) == (True, 60.0)
    assert caller.client.calls == 1


def test_a_write_is_waited_for_longer_than_a_read():
    caller = Caller(reply({}), reply({"id": "a"}), scopes=MANAGE)

    caller.client.call(CREATE_APP, body={})
    caller.get()

    assert [sent.slow for sent in caller.org.sent] == [True, False]


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


def test_our_share_of_the_limit_is_kept_to_and_a_long_wait_is_the_callers():
    budget = LocalBudget(clock=lambda: 0.0)
    caller = Caller(*[reply([], **limits(10, 9, 30))] * 9, budget=budget)

    with pytest.raises(OktaRateLimited) as limited:
        [list(caller.client.pages(LIST_APPS)) for _ in range(9)]

    assert limited.value.retry_after > 10
    assert 1 <= caller.client.calls <= 4


def test_a_short_wait_for_our_turn_is_slept_out():
    class Busy(Generous):
        waits: ClassVar[list[float]] = [0.3, 0.2]

        def ask(self, bucket):
            return self.waits.pop() if self.waits else 0.0

    caller = Caller(reply({"id": "a"}), budget=Busy())

    assert caller.get() == {"id": "a"}
    assert caller.slept == [0.2, 0.3]


def test_a_turn_that_never_comes_is_waited_for_ten_seconds_in_all():
    class Stuck(Generous):
        def ask(self, bucket):
            return 0.5

    caller = Caller(budget=Stuck())

    with pytest.raises(OktaRateLimited):
        caller.get()

    assert sum(caller.slept) == 10


def test_the_budget_hears_of_every_request_also_of_one_without_an_answer():
    caller = Caller(OktaUnavailable("gone"), refusal(500, "E0000009"), reply({"id": "a"}))

    caller.get()

    assert caller.budget.told == [(Bucket.APP, None), (Bucket.APP, 500), (Bucket.APP, 200)]


@pytest.mark.parametrize("thrown", [KeyboardInterrupt, SystemExit, MemoryError])
def test_the_budget_hears_also_of_a_request_that_something_else_broke(thrown):
    caller = Caller()
    caller.org.send = Mock(side_effect=thrown)

    with pytest.raises(thrown):
        caller.get()

    assert caller.budget.told == [(Bucket.APP, None)]


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

    assert [item.okta_id for item in page.items] == ["0oa1"]
    assert (client.calls, http.requests) == (1, 1)
    assert b"authorization: bearer token-1" in org.requests[0].lower()


def test_right_before_each_write_leaves_somebody_is_asked_and_before_no_read():
    asked = []
    caller = Caller(
        OktaUnavailable("no route"), reply(status=200), reply({"id": "0oa1"}), scopes=MANAGE
    )
    caller.client = OktaClient(
        caller.org,
        caller.tokens,
        MANAGE,
        budget=caller.budget,
        sleep=caller.slept.append,
        before_write=lambda: asked.append(len(caller.org.sent)),
    )

    caller.client.call(ACTIVATE_APP, path=APP)
    caller.get()

    assert asked == [0, 1]
    assert len(caller.org.sent) == 3


def test_a_write_that_is_stopped_at_the_last_moment_does_not_leave():
    class Stop(Exception):
        pass

    def stop():
        raise Stop

    caller = Caller(reply(status=200), scopes=MANAGE)
    client = OktaClient(caller.org, caller.tokens, MANAGE, budget=caller.budget, before_write=stop)

    with pytest.raises(Stop):
        client.call(ACTIVATE_APP, path=APP)

    assert caller.org.sent == []
    assert caller.budget.told == [(ACTIVATE_APP.bucket, None)]

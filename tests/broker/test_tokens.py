"""What callers of the broker may rely on, with Redis and without it."""

import dataclasses
from uuid import uuid4

import pytest

from tenants.broker.tokens import narrowed
from tenants.okta.errors import OktaAuthError, OktaUnavailable
from tests.broker.okta import CANARY_SECRET, READ_APPS, READ_USERS, broker_on, grant_of, pass_time


@pytest.fixture(params=["redis", "no redis"])
def cache(request, redis):
    return redis if request.param == "redis" else None


@pytest.fixture
def broker(cache, okta):
    return broker_on(cache, okta)


def test_a_token_is_asked_for_once_and_with_just_these_scopes(broker, okta):
    tokens = [broker.token_for(grant_of(), READ_APPS) for _ in range(3)]

    assert [(grant.client_id, scopes) for grant, _, scopes in okta.asked] == [("0oa1", READ_APPS)]
    assert {token.value for token in tokens} == {"canary-token-4711-1"}
    assert broker.minted == 1


def test_the_secret_reaches_okta_wrapped_and_is_opened_once(broker, okta):
    opened = []
    grant = grant_of(open_secret=lambda: opened.append(1) or grant_of().open_secret())

    broker.token_for(grant, READ_APPS)
    broker.token_for(grant, READ_APPS)

    assert opened == [1]
    assert okta.asked[0][1] == grant_of().open_secret()
    assert CANARY_SECRET not in f"{okta.asked} {grant!r}"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(grant_of(uuid4()), id="tenant"),
        pytest.param(grant_of(host="beta.okta.com"), id="host"),
        pytest.param(grant_of(client_id="0oa2"), id="client ID"),
        pytest.param(grant_of(secret_version=2), id="rotated secret"),
    ],
)
def test_another_grant_gets_another_token(broker, other):
    first = broker.token_for(grant_of(), READ_APPS)

    assert broker.token_for(other, READ_APPS).value != first.value


def test_other_scopes_get_another_token(broker):
    narrow = broker.token_for(grant_of(), READ_APPS)

    broad = broker.token_for(grant_of(), READ_APPS | READ_USERS)

    assert broad.scopes == READ_APPS | READ_USERS
    assert broad.value != narrow.value


def test_a_token_for_no_scopes_is_refused(broker, okta):
    with pytest.raises(ValueError, match="at least one scope"):
        broker.token_for(grant_of(), frozenset())

    assert okta.asked == []


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ({"okta.apps.read", "okta.apps.manage"}, {"okta.apps.manage"}),
        ({"okta.apps.manage", "okta.users.read"}, {"okta.apps.manage", "okta.users.read"}),
        ({"okta.apps.read"}, {"okta.apps.read"}),
    ],
    ids=["absorbed", "another resource", "read alone"],
)
def test_manage_absorbs_read_of_the_same_resource(asked, sent):
    assert narrowed(frozenset(asked)) == sent


def test_manage_with_and_without_read_is_one_token(broker):
    broker.token_for(grant_of(), frozenset({"okta.apps.manage", "okta.apps.read"}))
    broker.token_for(grant_of(), frozenset({"okta.apps.manage"}))

    assert broker.minted == 1


@pytest.mark.parametrize(
    ("life_s", "usable_s"), [(3600, 3240), (600, 480)], ids=["a tenth early", "two minutes early"]
)
def test_a_token_is_replaced_well_before_it_expires(broker, okta, clock, redis, life_s, usable_s):
    okta.life_s = life_s
    broker.token_for(grant_of(), READ_APPS)
    okta.error = OktaUnavailable()

    pass_time(clock, redis, usable_s - 1)
    assert broker.token_for(grant_of(), READ_APPS).value == "canary-token-4711-1"

    pass_time(clock, redis, 3)
    with pytest.raises(OktaUnavailable):
        broker.token_for(grant_of(), READ_APPS)


def test_a_token_too_short_lived_to_keep_is_still_handed_out(broker, okta):
    okta.life_s = 100

    tokens = {broker.token_for(grant_of(), READ_APPS).value for _ in range(2)}

    assert len(tokens) == len(okta.asked) == 2


def test_a_discarded_token_is_not_handed_out_again(broker):
    refused = broker.token_for(grant_of(), READ_APPS)

    broker.discard(grant_of(), READ_APPS, refused)

    assert broker.token_for(grant_of(), READ_APPS).value != refused.value


def test_discarding_an_old_token_leaves_the_new_one(broker):
    old = broker.token_for(grant_of(), READ_APPS)
    broker.discard(grant_of(), READ_APPS, old)
    new = broker.token_for(grant_of(), READ_APPS)

    broker.discard(grant_of(), READ_APPS, old)

    assert broker.token_for(grant_of(), READ_APPS).value == new.value


def test_forgetting_a_grant_drops_all_its_tokens_and_nobody_elses(broker):
    other = grant_of(uuid4())
    kept = broker.token_for(other, READ_APPS)
    dropped = {broker.token_for(grant_of(), scopes).value for scopes in (READ_APPS, READ_USERS)}

    broker.forget(grant_of())

    fresh = {broker.token_for(grant_of(), scopes).value for scopes in (READ_APPS, READ_USERS)}
    assert not fresh & dropped
    assert broker.token_for(other, READ_APPS).value == kept.value


def test_a_grant_forgotten_during_the_request_leaves_no_token_behind(broker, okta):
    okta.meanwhile = lambda: broker.forget(grant_of())

    late = broker.token_for(grant_of(), READ_APPS)

    okta.meanwhile = lambda: None
    assert broker.token_for(grant_of(), READ_APPS).value != late.value


def test_a_refusal_by_okta_reaches_the_caller_and_the_next_call_asks_again(broker, okta):
    okta.error = OktaAuthError()
    with pytest.raises(OktaAuthError):
        broker.token_for(grant_of(), READ_APPS)

    okta.error = None

    assert broker.token_for(grant_of(), READ_APPS).value
    assert broker.minted == 2


def test_a_secret_that_does_not_open_costs_no_request(broker, okta):
    def broken():
        raise RuntimeError("sealed for somebody else")

    with pytest.raises(RuntimeError, match="somebody else"):
        broker.token_for(grant_of(open_secret=broken), READ_APPS)

    assert broker.minted == 0
    assert okta.asked == []


def test_grants_are_compared_by_what_identifies_them():
    grant = grant_of()

    assert grant == dataclasses.replace(grant, open_secret=lambda: grant.open_secret())
    assert grant != grant_of(secret_version=2)

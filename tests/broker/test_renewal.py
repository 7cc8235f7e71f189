"""A token is renewed ahead of its end, by one caller, while all others go on with the old one."""

import pytest

from tenants.broker.tokens import RENEW_AGAIN_S
from tenants.okta.errors import OktaAuthError, OktaScopeError, OktaUnavailable
from tenants.vault.errors import KeyringError, SealUnavailable
from tests.broker.okta import READ_APPS, broker_on, grant_of, pass_time

#: Of an hour's token 54 minutes are useful; after four fifths of them it is renewed.
RENEWED_AFTER_S = 54 * 60 * 0.8
FIRST, SECOND = "canary-token-4711-1", "canary-token-4711-2"


@pytest.fixture(params=["redis", "no redis"])
def cache(request, redis):
    return redis if request.param == "redis" else None


@pytest.fixture
def broker(cache, okta):
    return broker_on(cache, okta)


def value_of(broker) -> str:
    return str(broker.token_for(grant_of(), READ_APPS).value)


def test_a_token_in_the_last_fifth_of_its_useful_life_is_renewed(broker, clock, redis):
    value_of(broker)

    pass_time(clock, redis, RENEWED_AFTER_S - 5)
    assert value_of(broker) == FIRST

    pass_time(clock, redis, 10)
    assert [value_of(broker), value_of(broker)] == [SECOND, SECOND]


def test_while_one_caller_renews_all_others_go_on_with_the_old_token(broker, okta, clock, redis):
    value_of(broker)
    pass_time(clock, redis, RENEWED_AFTER_S + 5)
    okta.meanwhile = lambda: meanwhile.append(value_of(broker))
    meanwhile: list[str] = []

    assert value_of(broker) == SECOND

    assert meanwhile == [FIRST]
    assert len(okta.asked) == 2


def test_other_processes_leave_the_renewal_to_the_one_that_is_at_it(redis, okta, clock):
    one, other = broker_on(redis, okta), broker_on(redis, okta)
    assert value_of(one) == value_of(other) == FIRST
    pass_time(clock, redis, RENEWED_AFTER_S + 5)
    okta.meanwhile = lambda: meanwhile.append(value_of(other))
    meanwhile: list[str] = []

    assert value_of(one) == SECOND

    assert meanwhile == [FIRST]
    clock.now += 3
    assert value_of(other) == SECOND
    assert len(okta.asked) == 2


@pytest.mark.parametrize(
    "trouble",
    [OktaUnavailable(), SealUnavailable(), KeyringError("a key file of yesterday")],
    ids=["Okta", "keys", "a key file that is behind"],
)
def test_what_only_passes_does_not_keep_a_good_token_from_anybody(
    broker, okta, clock, redis, trouble, caplog
):
    value_of(broker)
    pass_time(clock, redis, RENEWED_AFTER_S + 5)
    okta.error = trouble

    assert [value_of(broker) for _ in range(5)] == [FIRST] * 5

    assert len(okta.asked) == 2
    assert [record.getMessage() for record in caplog.records] == [
        f"a token could not be renewed ahead: {type(trouble).__name__}"
    ]


def test_a_renewal_that_failed_is_tried_again_after_a_pause(broker, okta, clock, redis):
    value_of(broker)
    pass_time(clock, redis, RENEWED_AFTER_S + 5)
    okta.error = OktaUnavailable()
    value_of(broker)
    okta.error = None

    pass_time(clock, redis, RENEW_AGAIN_S + 1)
    for lease in redis.scan_iter("*:ahead"):
        redis.delete(lease)

    assert value_of(broker) == "canary-token-4711-3"


@pytest.mark.parametrize("error", [OktaAuthError, OktaScopeError])
def test_a_refusal_is_told_at_once_though_the_old_token_may_still_work(
    broker, okta, clock, redis, error
):
    value_of(broker)
    pass_time(clock, redis, RENEWED_AFTER_S + 5)
    okta.error = error()

    with pytest.raises(error):
        value_of(broker)


def test_a_grant_forgotten_during_the_renewal_leaves_no_token_behind(broker, okta, clock, redis):
    value_of(broker)
    pass_time(clock, redis, RENEWED_AFTER_S + 5)
    okta.meanwhile = lambda: broker.forget(grant_of())
    value_of(broker)
    okta.meanwhile = lambda: None

    assert value_of(broker) == "canary-token-4711-3"


def test_a_forgotten_token_is_not_renewed_by_who_still_has_it(redis, okta, clock):
    one, other = broker_on(redis, okta), broker_on(redis, okta)
    value_of(one)
    pass_time(clock, redis, RENEWED_AFTER_S + 5)
    redis.set(next(redis.scan_iter("hub:token:*")) + b":ahead", "somebody", px=60_000)
    value_of(other)
    one.forget(grant_of())

    value_of(other)

    assert list(redis.scan_iter("hub:token:*")) == []


def test_a_token_that_is_renewed_for_days_is_still_forgotten_with_its_grant(redis, okta, clock):
    broker = broker_on(redis, okta)
    value_of(broker)
    [index] = redis.scan_iter("hub:grant:*")
    redis.delete(index)  # as when it has run out

    pass_time(clock, redis, RENEWED_AFTER_S + 5)
    value_of(broker)

    assert [token.value for token in broker_on(redis, okta).forget(grant_of())] == [SECOND]
    assert list(redis.scan_iter()) == []

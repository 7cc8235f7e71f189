"""What lies in Redis, and how processes share it. Two brokers stand for two processes."""

import contextlib
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from redis import Redis

from tenants.broker.errors import BrokerBusy
from tenants.broker.shared import LEASE_MS
from tenants.okta.errors import OktaUnavailable
from tests.broker.okta import (
    CANARY_SECRET,
    CANARY_TOKEN,
    READ_APPS,
    READ_USERS,
    Clock,
    TokenEndpoint,
    broker_on,
    grant_of,
)


def token_keys(redis: Redis) -> list[bytes]:
    return sorted(redis.scan_iter("hub:token:*"))


def everything_in(redis: Redis) -> bytes:
    dumped = []
    for key in redis.scan_iter():
        value = b" ".join(redis.smembers(key)) if redis.type(key) == b"set" else redis.get(key)
        dumped += [key, value]
    return b"\n".join(dumped)


def test_another_process_finds_the_token(redis, okta):
    first = broker_on(redis, okta).token_for(grant_of(), READ_APPS)

    second = broker_on(redis, okta)

    assert second.token_for(grant_of(), READ_APPS) == first
    assert second.minted == 0


def test_redis_holds_neither_token_nor_secret_nor_name_in_the_clear(redis, okta):
    grant = grant_of()
    okta.meanwhile = lambda: seen.append(everything_in(redis))
    seen: list[bytes] = []

    broker_on(redis, okta).token_for(grant, READ_APPS)

    text = b"".join([*seen, everything_in(redis)])
    assert b"hub:token:" in text
    for canary in (CANARY_TOKEN, CANARY_SECRET, grant.host, grant.client_id, str(grant.tenant_id)):
        assert canary.encode() not in text
        assert canary.encode().hex().encode() not in text


def test_a_value_copied_under_another_grants_key_is_a_miss_and_is_removed(redis, okta):
    broker = broker_on(redis, okta)
    mine = broker.token_for(grant_of(), READ_APPS)
    [my_key] = token_keys(redis)
    broker.token_for(grant_of(uuid4()), READ_APPS)
    [other_key] = set(token_keys(redis)) - {my_key}

    redis.set(my_key, redis.get(other_key))

    fresh = broker_on(redis, okta)
    assert fresh.token_for(grant_of(), READ_APPS).value not in {mine.value, "canary-token-4711-2"}
    assert fresh.minted == 1


def test_two_values_that_were_swapped_are_both_fetched_anew(redis, okta):
    broker, grants = broker_on(redis, okta), (grant_of(), grant_of(uuid4()))
    before = {broker.token_for(grant, READ_APPS).value for grant in grants}
    one, other = token_keys(redis)
    swapped = {one: redis.get(other), other: redis.get(one)}

    redis.mset(swapped)
    for key in swapped:
        redis.expire(key, 600)

    fresh = broker_on(redis, okta)
    assert not before & {fresh.token_for(grant, READ_APPS).value for grant in grants}
    assert fresh.minted == 2


@pytest.mark.parametrize("ahead_s", [-36_000, 36_000], ids=["behind", "ahead"])
def test_processes_whose_clocks_differ_agree_on_a_tokens_life(redis, okta, ahead_s):
    """As on two hosts: each counts from a moment of its own."""
    theirs = Clock()
    theirs.now += ahead_s
    first = broker_on(redis, okta).token_for(grant_of(), READ_APPS)

    found = broker_on(redis, TokenEndpoint(theirs)).token_for(grant_of(), READ_APPS)

    assert found == first
    assert found.expires_at - theirs.now == pytest.approx(3600, abs=1)


@pytest.mark.parametrize("junk", [b"", b"x", b"\x00" * 200], ids=["empty", "short", "long"])
def test_what_does_not_open_is_a_miss(redis, okta, junk):
    broker_on(redis, okta).token_for(grant_of(), READ_APPS)
    redis.set(token_keys(redis)[0], junk)

    fresh = broker_on(redis, okta)

    assert fresh.token_for(grant_of(), READ_APPS).value == "canary-token-4711-2"


def test_what_another_version_wrote_is_a_miss(redis, okta):
    broker_on(redis, okta).token_for(grant_of(), READ_APPS)
    [key] = token_keys(redis)
    nonce = b"n" * 12
    redis.set(key, nonce + AESGCM(b"c" * 32).encrypt(nonce, b"\x93abc", key))

    fresh = broker_on(redis, okta)

    assert fresh.token_for(grant_of(), READ_APPS).value == "canary-token-4711-2"


def test_after_a_change_of_keys_old_values_are_misses(redis, okta):
    broker_on(redis, okta).token_for(grant_of(), READ_APPS)

    rekeyed = broker_on(redis, okta, cache_key=b"d" * 32)

    assert rekeyed.token_for(grant_of(), READ_APPS).value == "canary-token-4711-2"


def test_a_value_without_an_end_is_a_miss(redis, okta):
    broker_on(redis, okta).token_for(grant_of(), READ_APPS)
    redis.persist(token_keys(redis)[0])

    assert broker_on(redis, okta).token_for(grant_of(), READ_APPS).value == "canary-token-4711-2"


def test_a_clock_of_redis_that_is_set_back_makes_no_token_younger_than_new(redis, okta, clock):
    broker_on(redis, okta).token_for(grant_of(), READ_APPS)
    redis.expire(token_keys(redis)[0], 36_000)

    found = broker_on(redis, okta).token_for(grant_of(), READ_APPS)

    assert found.value == "canary-token-4711-1"
    assert found.expires_at - clock.now == pytest.approx(3600, abs=1)


def test_redis_drops_the_token_before_okta_does(redis, okta):
    broker_on(redis, okta).token_for(grant_of(), READ_APPS)

    [key] = token_keys(redis)

    assert 3239_000 < redis.pttl(key) <= 3240_000


def test_after_a_mint_no_lease_is_left(redis, okta):
    broker_on(redis, okta).token_for(grant_of(), READ_APPS)

    assert list(redis.scan_iter("*:lock")) == []


@pytest.mark.parametrize(
    "change", [{"error": RuntimeError()}, {"life_s": 1}], ids=["failed", "short-lived"]
)
def test_a_mint_that_leaves_no_token_leaves_no_lease_either(redis, okta, change):
    vars(okta).update(change)

    with contextlib.suppress(RuntimeError):
        broker_on(redis, okta).token_for(grant_of(), READ_APPS)

    assert token_keys(redis) == []


def test_while_another_process_fetches_we_wait_for_its_token(redis, okta, clock):
    slow, waiting = broker_on(redis, okta), []

    def ask_elsewhere_meanwhile():
        other = broker_on(redis, TokenEndpoint(clock), sleep=lambda _: None)
        with pytest.raises(BrokerBusy) as refused:
            other.token_for(grant_of(), READ_APPS)
        waiting.append(refused.value)

    okta.meanwhile = ask_elsewhere_meanwhile
    token = slow.token_for(grant_of(), READ_APPS)

    assert [(busy.code, busy.retryable) for busy in waiting] == [("token_busy", True)]
    assert broker_on(redis, okta).token_for(grant_of(), READ_APPS) == token


def test_waiting_for_another_process_ends_after_about_ten_seconds(redis, okta, clock):
    broker_on(redis, okta).token_for(grant_of(), READ_APPS)
    [key] = token_keys(redis)
    redis.delete(key)
    redis.set(key + b":lock", "somebody else")
    began = clock.now

    with pytest.raises(BrokerBusy):
        broker_on(redis, okta).token_for(grant_of(), READ_APPS)

    assert 8 < clock.now - began < 12


def test_the_lease_of_a_dead_process_runs_out(redis, okta):
    okta.meanwhile = lambda: lives.append(redis.pttl(next(redis.scan_iter("*:lock"))))
    lives: list[int] = []

    broker_on(redis, okta).token_for(grant_of(), READ_APPS)

    assert LEASE_MS - 1000 < lives[0] <= LEASE_MS


def test_who_lost_the_lease_neither_publishes_nor_keeps(redis, okta):
    def lose_it():
        redis.set(next(redis.scan_iter("*:lock")), "somebody else")

    okta.meanwhile, slow = lose_it, broker_on(redis, okta)

    slow.token_for(grant_of(), READ_APPS)

    assert redis.get(next(redis.scan_iter("*:lock"))) == b"somebody else"
    assert [key for key in token_keys(redis) if not key.endswith(b":lock")] == []
    with pytest.raises(BrokerBusy):
        slow.token_for(grant_of(), READ_APPS)


def test_who_lost_the_lease_and_failed_leaves_it_to_its_new_owner(redis, okta):
    def lose_it_and_fail():
        redis.set(next(redis.scan_iter("*:lock")), "somebody else")
        raise OktaUnavailable

    okta.meanwhile = lose_it_and_fail

    with pytest.raises(OktaUnavailable):
        broker_on(redis, okta).token_for(grant_of(), READ_APPS)

    assert redis.get(next(redis.scan_iter("*:lock"))) == b"somebody else"


def test_a_process_that_still_has_the_refused_token_takes_the_new_one(redis, okta):
    one, other = broker_on(redis, okta), broker_on(redis, okta)
    refused = one.token_for(grant_of(), READ_APPS)
    other.token_for(grant_of(), READ_APPS)
    one.discard(grant_of(), READ_APPS, refused)
    renewed = one.token_for(grant_of(), READ_APPS)

    other.discard(grant_of(), READ_APPS, refused)

    assert other.token_for(grant_of(), READ_APPS) == renewed
    assert len(okta.asked) == 2


def test_what_is_forgotten_here_is_forgotten_elsewhere_within_two_seconds(redis, okta, clock):
    one, other = broker_on(redis, okta), broker_on(redis, okta)
    revoked = other.token_for(grant_of(), READ_APPS)

    one.forget(grant_of())

    clock.now += 2
    assert other.token_for(grant_of(), READ_APPS) != revoked


def test_forgetting_empties_redis_of_the_grant_and_says_of_what(redis, okta):
    granted = [broker_on(redis, okta).token_for(grant_of(), s) for s in (READ_APPS, READ_USERS)]

    forgotten = broker_on(redis, okta).forget(grant_of())

    assert {token.value for token in forgotten} == {token.value for token in granted}
    assert list(redis.scan_iter()) == []


def test_a_token_in_memory_and_in_redis_is_forgotten_as_one(redis, okta):
    broker = broker_on(redis, okta)
    token = broker.token_for(grant_of(), READ_APPS)

    assert broker.forget(grant_of()) == [token]


def test_a_rotated_secret_never_gets_a_token_of_the_old_one(redis, okta):
    broker = broker_on(redis, okta)
    old = broker.token_for(grant_of(secret_version=1), READ_APPS)

    new = broker_on(redis, okta).token_for(grant_of(secret_version=2), READ_APPS)

    assert new != old
    assert len(token_keys(redis)) == 2


def test_a_client_that_decodes_is_refused(redis_server):
    client = Redis.from_url(redis_server, decode_responses=True)

    with pytest.raises(ValueError, match="decode_responses"):
        broker_on(client, TokenEndpoint(Clock()))

    client.close()

"""Redis is a convenience: without it tokens are had all the same, one request per process."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tenants.broker.errors import BrokerBusy
from tests.broker.okta import READ_APPS, READ_USERS, TokenEndpoint, broker_on, grant_of, redis_at


def test_a_token_at_hand_outlives_redis(mortal_redis, okta, clock):
    broker = broker_on(mortal_redis.client, okta)
    token = broker.token_for(grant_of(), READ_APPS)

    mortal_redis.stop()

    for _ in range(3):
        clock.now += 100
        assert broker.token_for(grant_of(), READ_APPS) == token
    assert broker.minted == 1


def test_redis_lost_during_the_request_costs_no_second_one(mortal_redis, okta, caplog):
    okta.meanwhile = mortal_redis.stop
    broker = broker_on(mortal_redis.client, okta)

    tokens = {broker.token_for(grant_of(), READ_APPS).value for _ in range(3)}

    assert tokens == {"canary-token-4711-1"}
    assert [record.getMessage() for record in caplog.records] == [
        "Redis is away, tokens stay in this process: ConnectionError"
    ]


def test_when_redis_is_back_it_is_used_again(mortal_redis, okta, clock):
    mortal_redis.stop()
    broker = broker_on(mortal_redis.client, okta)
    broker.token_for(grant_of(), READ_APPS)

    mortal_redis.start()
    clock.now += 61
    shared = broker.token_for(grant_of(), READ_APPS)

    assert broker_on(mortal_redis.client, okta).token_for(grant_of(), READ_APPS) == shared


def test_discarding_and_forgetting_work_on_what_is_at_hand(mortal_redis, okta):
    mortal_redis.stop()
    broker = broker_on(mortal_redis.client, okta)
    refused = broker.token_for(grant_of(), READ_APPS)

    broker.discard(grant_of(), READ_APPS, refused)
    second = broker.token_for(grant_of(), READ_APPS)
    broker.forget(grant_of())
    third = broker.token_for(grant_of(), READ_APPS)

    assert len({refused.value, second.value, third.value}) == 3


def test_no_process_asks_for_one_token_again_and_again(mortal_redis, okta, clock):
    mortal_redis.stop()
    broker = broker_on(mortal_redis.client, okta)
    for _ in range(3):
        broker.discard(grant_of(), READ_APPS, broker.token_for(grant_of(), READ_APPS))

    with pytest.raises(BrokerBusy):
        broker.token_for(grant_of(), READ_APPS)
    assert broker.token_for(grant_of(), READ_USERS)

    clock.now += 31
    assert broker.token_for(grant_of(), READ_APPS)


def test_a_full_redis_does_not_stop_anybody(mortal_redis, okta):
    mortal_redis.client.config_set("maxmemory", 1)
    broker = broker_on(mortal_redis.client, okta)

    tokens = {broker.token_for(grant_of(), READ_APPS).value for _ in range(3)}

    assert len(tokens) == 1


def test_threads_without_redis_still_make_one_request():
    client = redis_at("redis://127.0.0.1:1")
    okta = TokenEndpoint(time.monotonic, meanwhile=lambda: time.sleep(0.1))
    broker = broker_on(client, okta, sleep=time.sleep)

    with ThreadPoolExecutor(20) as threads:
        calls = [threads.submit(broker.token_for, grant_of(), READ_APPS) for _ in range(20)]
        values = {call.result().value for call in calls}

    assert len(values) == broker.minted == 1
    client.close()


def test_a_redis_that_hangs_is_waited_for_once_and_then_left_alone(okta):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        client = redis_at(f"redis://127.0.0.1:{port}", timeout_s=0.2)
        broker = broker_on(client, okta)
        broker.token_for(grant_of(), READ_APPS)

        began = time.perf_counter()
        broker.token_for(grant_of(), READ_USERS)

        assert time.perf_counter() - began < 0.1
        client.close()

"""However many want it at once, a token is requested once."""

import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tenants.broker.flights import Flights
from tenants.okta.errors import OktaAuthError
from tests.broker.okta import READ_APPS, READ_USERS, TokenEndpoint, broker_on, grant_of

PROCESSES = 5
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def slow_okta() -> TokenEndpoint:
    return TokenEndpoint(time.monotonic, meanwhile=lambda: time.sleep(0.1))


def test_fifty_threads_make_one_request(redis, slow_okta):
    broker, start = broker_on(redis, slow_okta, sleep=time.sleep), threading.Barrier(50)

    def call(_: int) -> str:
        start.wait()
        return broker.token_for(grant_of(), READ_APPS).value

    with ThreadPoolExecutor(50) as threads:
        values = set(threads.map(call, range(50)))

    assert values == {"canary-token-4711-1"}
    assert broker.minted == 1


def caller(redis_url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.broker.callers", "0.2", "10"],
        cwd=PROJECT,
        env=os.environ | {"REDIS_URL": redis_url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_fifty_callers_in_five_processes_make_one_request(redis_server):
    with ExitStack() as running:
        processes = [running.enter_context(caller(redis_server)) for _ in range(PROCESSES)]
        assert [process.stdout.readline() for process in processes] == ["ready\n"] * PROCESSES

        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [json.loads(process.communicate(timeout=20)[0]) for process in processes]

    assert sum(answer["minted"] for answer in answers) == 1
    assert {value for answer in answers for value in answer["values"]} == {"canary-token-4711-1"}
    assert sum(len(answer["values"]) for answer in answers) == 50


def test_a_refusal_is_shared_and_not_asked_for_again_by_each_thread(slow_okta):
    slow_okta.error = OktaAuthError()
    broker, start = broker_on(None, slow_okta, sleep=time.sleep), threading.Barrier(10)

    def call(_: int) -> str:
        start.wait()
        with pytest.raises(OktaAuthError) as refused:
            broker.token_for(grant_of(), READ_APPS)
        return refused.value.code

    with ThreadPoolExecutor(10) as threads:
        codes = list(threads.map(call, range(10)))

    assert codes == ["invalid_client"] * 10
    assert broker.minted == 1


def test_a_token_that_lands_just_before_we_take_off_is_taken(okta, monkeypatch):
    broker, share = broker_on(None, okta), Flights.share

    def share_a_moment_later(*args):
        monkeypatch.undo()
        broker.token_for(grant_of(), READ_APPS)
        return share(*args)

    monkeypatch.setattr(Flights, "share", share_a_moment_later)

    assert broker.token_for(grant_of(), READ_APPS).value == "canary-token-4711-1"
    assert broker.minted == 1


def test_different_tokens_do_not_wait_for_each_other(redis):
    both_under_way = threading.Barrier(2, timeout=5)
    okta = TokenEndpoint(time.monotonic, meanwhile=both_under_way.wait)
    broker = broker_on(redis, okta, sleep=time.sleep)

    with ThreadPoolExecutor(2) as threads:
        calls = [threads.submit(broker.token_for, grant_of(), s) for s in (READ_APPS, READ_USERS)]
        values = {call.result().value for call in calls}

    assert len(values) == 2

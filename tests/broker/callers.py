"""A process with threads that all want one token at the same moment. Run by tests and benchmarks.

Takes the seconds that a token request lasts and the number of threads, and ``REDIS_URL`` from the
environment. Says "ready", waits for a line, and prints as JSON the tokens' values, the number of
requests it made, and how long each thread waited.
"""

import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from tenants.broker.tokens import Broker
from tests.broker.okta import READ_APPS, TokenEndpoint, broker_on, grant_of, redis_at


def main(seconds: float, callers: int) -> None:
    with redis_at(os.environ["REDIS_URL"]) as redis, ThreadPoolExecutor(callers) as threads:
        okta = TokenEndpoint(time.monotonic, meanwhile=lambda: time.sleep(seconds))
        broker = broker_on(redis, okta, sleep=time.sleep)
        go = threading.Event()
        calls = [threads.submit(_call, broker, go) for _ in range(callers)]
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        go.set()
        values, waited_s = zip(*(call.result() for call in calls), strict=True)
    json.dump({"values": values, "minted": broker.minted, "waited_s": waited_s}, sys.stdout)


def _call(broker: Broker, go: threading.Event) -> tuple[str, float]:
    go.wait()
    began = time.perf_counter()
    value = broker.token_for(grant_of(), READ_APPS).value
    return value, time.perf_counter() - began


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))

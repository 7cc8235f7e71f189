"""A process with ten threads that all want one token at the same moment. Run by the tests.

Takes the seconds a token request lasts, and ``REDIS_URL`` from the environment. Says "ready",
waits for a line, and prints the tokens' values and the number of requests it made as JSON.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests.broker.okta import READ_APPS, TokenEndpoint, broker_on, grant_of, redis_at

THREADS = 10


def main(seconds: float) -> None:
    with redis_at(os.environ["REDIS_URL"]) as redis, ThreadPoolExecutor(THREADS) as threads:
        okta = TokenEndpoint(time.monotonic, meanwhile=lambda: time.sleep(seconds))
        broker = broker_on(redis, okta, sleep=time.sleep)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        began = time.perf_counter()
        calls = [threads.submit(broker.token_for, grant_of(), READ_APPS) for _ in range(THREADS)]
        values = [call.result().value for call in calls]
        took_s = time.perf_counter() - began
    json.dump({"values": values, "minted": broker.minted, "took_s": took_s}, sys.stdout)


if __name__ == "__main__":
    main(float(sys.argv[1]))

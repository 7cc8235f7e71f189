from collections.abc import Iterator

import pytest
from redis import Redis

from oin_service.processes import Processes
from oin_service.redis_server import new_redis_url, start_redis
from tests.broker.okta import Clock, TokenEndpoint, redis_at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def okta(clock) -> TokenEndpoint:
    return TokenEndpoint(clock)


@pytest.fixture
def redis(redis_server) -> Iterator[Redis]:
    with redis_at(redis_server) as client:
        yield client


class MortalRedis:
    def __init__(self, home):
        self.home, self.url = home, new_redis_url()
        self.client = redis_at(self.url)

    def start(self):
        self.processes = Processes(self.home)
        start_redis(self.processes, self.home / "redis", self.url)

    def stop(self):
        self.processes.stop()


@pytest.fixture
def mortal_redis(tmp_path):
    server = MortalRedis(tmp_path)
    server.start()
    yield server
    server.stop()
    server.client.close()

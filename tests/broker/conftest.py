from collections.abc import Iterator

import pytest
from redis import Redis

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

"""Fixtures for every room. The network guard and the database come from ``tests.environment``."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.db import connections

from oin_service.processes import Processes
from oin_service.redis_server import start_redis
from tests.environment import HOME

pytest_plugins = ["tests.key_services", "tests.service"]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out whole rooms that this run has no use for: it may lack what they import."""
    return True if f"not {collection_path.name}" in config.option.markexpr else None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Keep SQLite's test database in a file: in memory there is no WAL and no lock to test."""
    database = connections["default"].settings_dict
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(HOME / "tests.sqlite3")


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """URL of a real redis-server, empty at the start of each test that asks for it."""
    url = os.environ["REDIS_URL"]
    with Processes(HOME) as processes:
        start_redis(processes, HOME / "redis", url)
        yield url


@pytest.fixture(autouse=True)
def _empty_redis(request: pytest.FixtureRequest) -> None:
    if "redis_server" in request.fixturenames:
        with redis.Redis.from_url(request.getfixturevalue("redis_server")) as client:
            client.flushall()

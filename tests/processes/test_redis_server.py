import stat
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from oin_service.processes import Processes
from oin_service.redis_server import (
    RedisMissing,
    find_redis_server,
    new_redis_url,
    redis_answers,
    start_redis,
)


def test_a_started_server_answers_with_its_password_and_stops_with_its_supervisor(tmp_path):
    url = new_redis_url()

    with Processes(tmp_path) as processes:
        start_redis(processes, tmp_path / "redis", url)

        assert redis_answers(url)
    assert not redis_answers(url)


def test_nobody_gets_in_without_the_password(redis_server):
    parts = urlsplit(redis_server)

    assert not redis_answers(f"redis://{parts.hostname}:{parts.port}/0")


def test_nothing_is_evicted_and_nothing_is_kept_on_disk(redis_server):
    with redis.Redis.from_url(redis_server, decode_responses=True) as client:
        settings = client.config_get("*")

    assert settings["maxmemory-policy"] == "noeviction"
    assert (settings["save"], settings["appendonly"]) == ("", "no")


def test_the_password_lies_in_a_file_that_is_ours_alone(tmp_path):
    with Processes(tmp_path) as processes:
        start_redis(processes, tmp_path / "redis", new_redis_url())

    assert stat.S_IMODE((tmp_path / "redis/redis.conf").stat().st_mode) == 0o600


def test_the_redis_of_the_machine_comes_first(tmp_path, monkeypatch):
    installed = tmp_path / "redis-server"
    installed.touch(mode=0o700)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_redis_server() == installed


def test_the_fetched_redis_is_found_when_the_machine_has_none(tmp_path, monkeypatch):
    fetched = tmp_path / "servers/redis/bin/redis-server"
    fetched.parent.mkdir(parents=True)
    fetched.touch(mode=0o700)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))

    assert find_redis_server() == fetched


def test_without_any_redis_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))

    with pytest.raises(RedisMissing, match="install Redis"):
        find_redis_server()


def test_every_new_url_has_a_password_of_its_own():
    urls = {urlsplit(new_redis_url()).password for _ in range(3)}

    assert len(urls) == 3


def test_a_path_with_spaces_does_not_confuse_the_server(tmp_path):
    url = new_redis_url()

    with Processes(tmp_path) as processes:
        start_redis(processes, Path(tmp_path, "my projects", "redis"), url)

        assert redis_answers(url)

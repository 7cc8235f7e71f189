import copy
from pathlib import Path

import pytest
import yaml

from tools.containers import compose_problems, image_problems, problems

PROJECT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
DOCKERFILE = (PROJECT / "Dockerfile").read_text()


@pytest.fixture
def compose():
    return copy.deepcopy(COMPOSE)


def test_the_files_of_this_project_are_sound():
    assert problems(PROJECT) == []


@pytest.mark.parametrize("name", ["web", "worker", "beat", "postgres", "redis"])
def test_every_part_must_be_there(compose, name):
    del compose["services"][name]

    assert f"docker-compose.yml: no service {name}." in compose_problems(compose)


@pytest.mark.parametrize("name", ["web", "worker", "beat", "postgres", "redis"])
def test_every_part_must_tell_its_health(compose, name):
    del compose["services"][name]["healthcheck"]

    assert compose_problems(compose) == [f"docker-compose.yml: {name} has no health check."]


def test_nothing_serves_before_the_database_is_up_to_date(compose):
    compose["services"]["worker"]["depends_on"] = {"redis": {}}

    assert compose_problems(compose) == [
        "docker-compose.yml: worker must wait for migrate and redis."
    ]


def test_a_secret_that_nobody_provides_is_named(compose):
    del compose["secrets"]["redis_password"]

    assert compose_problems(compose) == [
        "docker-compose.yml: redis wants an unknown secret redis_password."
    ]


def test_redis_must_not_evict(compose):
    compose["services"]["redis"]["command"] = ["redis-server"]

    assert compose_problems(compose) == ["docker-compose.yml: redis must not evict."]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param("USER 10001:10001", "USER root", "must not be root", id="root"),
        pytest.param("USER 10001:10001", "", "must not be root", id="no user"),
        pytest.param("--require-hashes", "", "--require-hashes", id="unhashed"),
        pytest.param("COPY templates", "COPY template", "template does not exist", id="lost file"),
    ],
)
def test_an_unsound_image_is_named(old, new, problem):
    assert any(problem in found for found in image_problems(DOCKERFILE.replace(old, new), PROJECT))

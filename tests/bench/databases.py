"""Measuring on both databases, each time in a process of its own: Django reads settings once."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oin_service.processes import Processes
from oin_service.redis_server import new_redis_url, start_redis
from tests.postgres import running_postgres

_ROOT = Path(__file__).resolve().parents[2]


def measured_on_both(module: str, *arguments: str) -> dict[str, dict[str, float]]:
    """What ``module`` prints last, as JSON, by the name of the database that it ran on."""
    found = {}
    for database in ("sqlite", "postgres"):
        with _database(database) as (home, url):
            found[database] = _measured(home, url, [module, *arguments])
    return found


@contextmanager
def _database(name: str) -> Iterator[tuple[Path, str]]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if name == "sqlite":
            yield home, f"sqlite:///{home / 'bench.sqlite3'}"
            return
        with running_postgres(home) as url:
            yield home, url


def _measured(home: Path, database_url: str, command: list[str]) -> dict[str, float]:
    redis_url = new_redis_url()
    env = os.environ | {
        "ENVIRONMENT": "test",
        "HUB_HOME": str(home),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "KEYRING_FILE": str(home / "keyring.json"),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
    }
    with Processes(home) as processes:
        start_redis(processes, home / "redis", redis_url)
        line = [sys.executable, "-m", *command]
        done = subprocess.run(line, cwd=_ROOT, env=env, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found

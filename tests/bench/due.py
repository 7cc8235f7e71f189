"""What a tick costs when 10,000 tenants are due at once, on both databases, with a real Redis."""

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
from tests.bench.figure import Figure
from tests.postgres import running_postgres

TENANTS = 10_000
#: Seconds of one tick.
GOAL_S = 2.0

_ROOT = Path(__file__).resolve().parents[2]


def measure() -> Figure:
    """Seconds from the tick's begin to its end, runs queued and doorbells rung."""
    measured = {}
    for database in ("sqlite", "postgres"):
        with _database(database) as (home, url):
            measured[database] = _measure_in_process(home, url)
    told = [
        f"{database} {found['tick_s']:.2f} s (five at once {found['five_s']:.2f} s, "
        f"with nothing due {found['idle_s'] * 1000:.0f} ms)"
        for database, found in measured.items()
    ]
    doubled = sum(found["doubled"] for found in measured.values())
    return Figure(
        f"tick with {TENANTS} tenants due: {', '.join(told)}; {doubled} duplicates; "
        f"goal {GOAL_S:.0f} s, 0 duplicates",
        holds=doubled == 0 and all(found["tick_s"] < GOAL_S for found in measured.values()),
    )


@contextmanager
def _database(name: str) -> Iterator[tuple[Path, str]]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if name == "sqlite":
            yield home, f"sqlite:///{home / 'bench.sqlite3'}"
            return
        with running_postgres(home) as url:
            yield home, url


def _measure_in_process(home: Path, database_url: str) -> dict[str, float]:
    """In a process of its own, because Django reads its settings once."""
    redis_url = new_redis_url()
    env = os.environ | {
        "ENVIRONMENT": "test",
        "HUB_HOME": str(home),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
    }
    with Processes(home) as processes:
        start_redis(processes, home / "redis", redis_url)
        command = [sys.executable, "-m", "tests.bench.due_tick", str(TENANTS)]
        done = subprocess.run(command, cwd=_ROOT, env=env, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found

"""A real worker on the test's own database and Redis, watched from outside."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from oin_service.processes import ChildDied, Processes
from oin_service.stack import BASE, WORKER
from tenants.models import Worker
from tenants.worker.pulse import Pulse

PATIENCE_S = 30


class RealWorker:
    def __init__(self, home: Path, redis_url: str) -> None:
        env = {**os.environ, "DATABASE_URL": _database_url(), "REDIS_URL": redis_url}
        self._processes = Processes(home, env, cwd=BASE, grace_s=2)
        self.log = home / "logs/worker.log"

    def start(self, *options: str, app: str = "oin_service", slots: int = 2, **env: str) -> None:
        command = [part.replace("oin_service", app) for part in map(str, WORKER)]
        env["WORKER_THREADS"] = str(slots)
        self._processes.start("worker", [*command, *options], env=env, ready=self._has_signed)

    @property
    def row(self) -> Worker:
        row: Worker = Worker.objects.latest("started_at")
        return row

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.row.pid, number)

    def has_died(self) -> bool:
        try:
            self._processes.check()
        except ChildDied:
            return True
        return False

    def stop(self) -> None:
        self._processes.stop()

    def _has_signed(self) -> bool:
        return Worker.objects.filter(ended_at=None).exists()


@pytest.fixture
def worker(tmp_path: Path, redis_server: str) -> Iterator[RealWorker]:
    worker = RealWorker(tmp_path, redis_server)
    yield worker
    worker.stop()


def eventually(reached: Callable[[], bool], patience_s: float = PATIENCE_S) -> bool:
    deadline = time.monotonic() + patience_s
    while not reached():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def beat_once(monkeypatch: pytest.MonkeyPatch, tick: Callable[[], None] = lambda: None) -> None:
    """One beat of a worker's pulse, in this process. Redis takes what is sent."""
    monkeypatch.setattr(Pulse, "_ask", lambda pulse: True)
    pulse = Pulse("worker@here", 1, tick)
    pulse._over.set()
    pulse.run()


def _database_url() -> str:
    """The test's own database, for another process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"

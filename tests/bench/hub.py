"""The service as real processes on an empty machine, for a benchmark that drives it from beside."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import django

from oin_service.processes import Processes, end_on_signals
from oin_service.stack import BASE, BEAT, MANAGE, WORKER
from tenants.sandbox.control import Control
from tests.faults.fleet import RedisServer, environment
from tests.faults.member import Member
from tests.postgres import Postgres

WAIT_S = 900.0


class Hub:
    """A migrated database and Redis. Django is set up for it, in this process too."""

    def __init__(self, home: Path, database: str, closing: ExitStack) -> None:
        self._home, self._closing = home, closing
        self._pids: dict[str, int] = {}
        url = f"sqlite:///{home / 'db.sqlite3'}"
        if database == "postgres":
            server = Postgres(home)
            closing.callback(server.stop)
            server.start()
            url, self._pids["PostgreSQL"] = server.url, server.pid
        # All of an org's limits are ours: what is measured is us, and not how we spare customers.
        self._env = environment(home, url) | {
            "OKTA_BUDGET_SHARE": "1.0",
            "LOG_LEVEL": "WARNING",
        }
        self._redis = redis = RedisServer(home, self._env["REDIS_URL"])
        redis.start()
        closing.callback(redis.end)
        self._pids["Redis"] = int(redis.client.info("server")["process_id"])
        with Processes(home, self._env, cwd=BASE) as processes:
            processes.run("prepare", [*MANAGE, "prepare"])
        os.environ.update(self._env)
        django.setup()
        import oin_service.celery  # noqa: F401, PLC0415  (after Django; the broker of doorbells)

    @property
    def pids(self) -> dict[str, int]:
        """By name, the processes beside the workers that work for them."""
        return dict(self._pids)

    def start_okta(self) -> Control:
        """Local orgs, none so far that anybody asks."""
        folder = self._home / "sandbox"
        file = folder / "credentials.json"
        port = self._env["OKTA_DIAL"].rpartition(":")[2]
        command = [*MANAGE, "sandbox", "--port", port, "--directory", str(folder)]
        sandbox = Member(self._home, "sandbox", [*command, "--org=nobody.okta.com=0"], self._env)
        self._closing.callback(sandbox.end)
        sandbox.start()
        wait_until(file.exists)
        self._pids["sandbox"] = sandbox.pid
        return Control(file)

    def forget_tokens(self) -> None:
        """And all else that Redis holds."""
        self._redis.client.flushall()

    def start_beat(self) -> None:
        beat = Member(self._home, "beat", BEAT, self._env)
        self._closing.callback(beat.end)
        beat.start()

    @contextmanager
    def workers(self, count: int, *, calls: int = 0, threads: int = 16) -> Iterator[list[int]]:
        """So many of the stack's workers, whose runs make ``calls``; yields their process ids."""
        with ExitStack() as closing:
            load = {"BENCH_CALLS": str(calls), "WORKER_THREADS": str(threads)}
            members = [self._worker(f"worker-{number + 1}", load) for number in range(count)]
            for member in members:
                closing.callback(member.end)
                member.start()
            yield [member.pid for member in members]

    def _worker(self, name: str, load: dict[str, str]) -> Member:
        log = self._home / "logs" / f"{name}.log"
        return Member(
            self._home,
            name,
            (*WORKER, f"--hostname={name}@%h", "--include=tests.bench.load_kinds"),
            self._env | load,
            lambda: " ready." in log.read_text(errors="replace"),
        )


@contextmanager
def hub(database: str) -> Iterator[Hub]:
    """Ends with all its processes, however we end."""
    end_on_signals()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as closing:
        yield Hub(Path(folder), database, closing)


def wait_until(reached: Callable[[], bool]) -> float:
    """Seconds until ``reached()``. Raises TimeoutError."""
    began = time.monotonic()
    while not reached():
        if time.monotonic() - began > WAIT_S:
            raise TimeoutError(f"waited {WAIT_S:.0f} s in vain")
        time.sleep(0.1)
    return time.monotonic() - began

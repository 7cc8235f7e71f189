"""The service as real processes, each of which a row may kill, freeze or start once more."""

import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

import redis
from django.db import connections

from oin_service.ports import LOOPBACK, free_port, page_answers
from oin_service.processes import Processes
from oin_service.redis_server import new_redis_url, start_redis
from oin_service.stack import BASE, BEAT, MANAGE, WEB, WORKER
from tenants.sandbox.control import Control
from tenants.sandbox.server import OKTA_SUFFIXES
from tenants.vault.ringfile import ring_create
from tests.faults.databases import Database
from tests.faults.member import Member
from tests.faults.row import InVain

WORKERS = 2
#: No slot of a schedule comes while rows are played, except where a row makes one.
NEVER_S = 10 * 365 * 24 * 3600
PATIENCE_S = 90.0
POLL_S = 0.05
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")

T = TypeVar("T")


def environment(home: Path, database_url: str) -> dict[str, str]:
    """Settings of the service in ``home``, and nothing of what was set around us."""
    web, sandbox = free_port(), free_port()
    keyring = home / "keyring.json"
    ring_create(keyring)
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {
        "DJANGO_SETTINGS_MODULE": "oin_service.settings",
        "ENVIRONMENT": "development",
        "HUB_HOME": str(home),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "KEYRING_FILE": str(keyring),
        "DATABASE_URL": database_url,
        "REDIS_URL": new_redis_url(),
        "PUBLIC_URL": f"http://{LOOPBACK}:{web}",
        "OKTA_DIAL": ",".join(f"{suffix}={LOOPBACK}:{sandbox}" for suffix in OKTA_SUFFIXES),
        "OKTA_CA_BUNDLE": str(home / "sandbox" / "ca.pem"),
        "SYNC_EVERY_S": str(NEVER_S),
        "AUDIT_EVERY_S": str(NEVER_S),
    }


class RedisServer:
    def __init__(self, home: Path, url: str) -> None:
        self._home, self._url = home, url
        self._processes = Processes(home)
        self._frozen = False
        self.client = redis.Redis.from_url(url, socket_timeout=5)

    def start(self) -> None:
        self._processes.stop()
        start_redis(self._processes, self._home / "redis", self._url)
        self._pid = int(self.client.info("server")["process_id"])

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        self._processes.stop()

    def freeze(self) -> None:
        os.kill(self._pid, signal.SIGSTOP)
        self._frozen = True

    def thaw(self) -> None:
        if self._frozen:
            os.kill(self._pid, signal.SIGCONT)
        self._frozen = False

    @property
    def is_alive(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False

    def end(self) -> None:
        self.thaw()
        self._processes.stop()


class Fleet:
    """Redis, Okta orgs, web, beat and workers, on a database that is there already."""

    def __init__(self, home: Path, database: Database, env: Mapping[str, str]) -> None:
        self.home, self.env = home, env
        #: Each has ways of its own to fail, which rows of the other do not ask for.
        self.database: Any = database
        self.url = env["PUBLIC_URL"]
        self.redis = RedisServer(home, env["REDIS_URL"])
        self.workers = [self.worker(f"worker-{number}") for number in range(1, WORKERS + 1)]
        self.beat = self.member("beat", BEAT)
        self.web = self.web_process("web")
        self._sandbox = Processes(home, env, cwd=BASE)
        self._extra: list[Member] = []

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def _start(self) -> None:
        self.redis.start()
        self.okta = self._start_okta()
        with Processes(self.home, self.env, cwd=BASE) as processes:
            processes.run("prepare", [*MANAGE, "prepare"])
        at_once(Member.start, self.members)

    @property
    def members(self) -> list[Member]:
        return [*self.workers, self.beat, self.web]

    def member(
        self,
        name: str,
        command: Sequence[str | Path],
        ready: Callable[[], bool] | None = None,
        **settings: str,
    ) -> Member:
        return Member(self.home, name, command, {**self.env, **settings}, ready)

    def worker(self, name: str, *options: str, **settings: str) -> Member:
        log = self.home / "logs" / f"{name}.log"
        command = (*WORKER, f"--hostname={name}@%h", *options)
        return self.member(
            name, command, lambda: " ready." in log.read_text(errors="replace"), **settings
        )

    def hire(self, *members: Member) -> list[Member]:
        """More processes, for as long as the row is played."""
        self._extra += members
        at_once(Member.start, members)
        return list(members)

    def hire_odd_workers(self, odd: str = "odd_worker", **settings: str) -> list[Member]:
        """In place of our workers, for as long as the row is played; see `odd_worker`."""
        at_once(Member.kill, self.workers)
        names = [f"odd-{worker.name}" for worker in self.workers]
        return self.hire(*[self.odd_worker(name, odd, **settings) for name in names])

    def odd_worker(self, name: str, odd: str = "odd_worker", **settings: str) -> Member:
        return self.worker(name, f"--include=tests.faults.{odd}", **settings)

    def hire_odd_web(self, *options: str, **settings: str) -> Member:
        """In place of our web process, at its address."""
        self.web.kill()
        return self.hire(self.web_process("odd-web", *options, **settings))[0]

    def web_process(self, name: str, *options: str, **settings: str) -> Member:
        port = int(self.url.rpartition(":")[2])
        command = (*WEB, "--bind", f"{LOOPBACK}:{port}", *options)
        return self.member(name, command, lambda: page_answers(port, "/healthz"), **settings)

    def mute_members(self, log: str) -> list[Member]:
        """In place of ours: all that they say goes to ``log``."""
        mute = []
        at_once(Member.kill, self.members)
        for member in self.members:
            shell = ("/bin/sh", "-c", 'exec >"$0" 2>&1; exec "$@"', log)
            ready = member.ready if member is self.web else None  # others are ready by their log
            mute.append(self.member(f"mute-{member.name}", (*shell, *member.command), ready))
        return mute

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Nobody of ours is there, and so nobody uses the database."""
        at_once(Member.kill, self.members)
        connections.close_all()
        yield
        at_once(Member.start, self.members)

    def holder(self, owner: str) -> Member:
        """The process that a run's owner mark names."""
        pid = int(owner.split(":")[1])
        living = [each for each in (*self._extra, *self.members) if each.is_alive]
        return next(each for each in living if each.pid == pid)

    def mend(self) -> None:
        """Bring everything back to how a row expects to find it."""
        at_once(Member.end, self._extra)
        self._extra.clear()
        self.redis.thaw()
        if not self.redis.is_alive:
            self.redis.start()
        self.redis.client.config_set("maxmemory", "256mb")
        self.redis.client.flushall()
        self.okta.do("*", "clear_faults")
        for member in self.members:
            member.thaw()
        at_once(Member.start, [member for member in self.members if not member.is_alive])

    def end(self) -> None:
        at_once(Member.end, [*self._extra, *self.members])
        self._sandbox.stop()
        self.redis.end()

    def _start_okta(self) -> Control:
        folder = self.home / "sandbox"
        port = self.env["OKTA_DIAL"].rpartition(":")[2]
        file = folder / "credentials.json"
        command = [*MANAGE, "sandbox", "--port", port, "--directory", folder]
        self._sandbox.start("sandbox", [*command, "--org=nobody.okta.com=0"], ready=file.exists)
        return Control(file)


def at_once(do: Callable[[Member], T], members: Sequence[Member]) -> list[T]:
    """To all members at the same time; raises what any of them raised."""
    with ThreadPoolExecutor(max(1, len(members))) as hands:
        return list(hands.map(do, members))


def wait_until(what: str, reached: Callable[[], T], patience_s: float = PATIENCE_S) -> float:
    """Seconds until ``reached()`` is true. Raises InVain when it never is."""
    began = time.monotonic()
    while not reached():
        if time.monotonic() - began > patience_s:
            raise InVain(f"waited {patience_s:g} s in vain for {what}")
        time.sleep(POLL_S)
    return time.monotonic() - began

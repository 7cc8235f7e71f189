"""All processes of one machine: Redis, web, worker and beat, with their settings."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from oin_service.ports import LOOPBACK, page_answers, port_is_free
from oin_service.processes import Processes
from oin_service.redis_server import new_redis_url, start_redis

BASE = Path(__file__).resolve().parent.parent
MANAGE: tuple[str | Path, ...] = (sys.executable, BASE / "manage.py")
#: Quiet: to print its greeting on a disk that is full would end a worker or beat.
CELERY = (sys.executable, "-m", "celery", "--app", "oin_service", "--quiet")

#: One process each: work waits on Okta and the database, not on the processor.
WEB = (
    *(sys.executable, "-m", "gunicorn", "oin_service.wsgi", "--no-control-socket"),
    *("--worker-class", "gthread", "--threads", "8", "--graceful-timeout", "5"),
)
#: The queues in the order of their urgency.
WORKER = (
    *(*CELERY, "worker", "--queues", "control,interactive,scheduled,bulk", "--loglevel", "INFO"),
    *("--pool", "threads", "--without-gossip", "--without-mingle"),
)
BEAT = (*CELERY, "beat", "--loglevel", "INFO", "--pidfile", "")


class PortBusy(Exception):
    """Something else listens on the port we were given."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} is in use by another program. Name another one: PORT={port + 1}"
        )


class Stack:
    """The service on one machine, its pages at ``url`` on loopback."""

    def __init__(self, home: Path, port: int, extra_env: Mapping[str, str] | None = None) -> None:
        """``extra_env``: settings, by the names in the README's table, that override ours."""
        self.home = home
        self.port = port
        self.url = f"http://{LOOPBACK}:{port}"
        given = {**os.environ, **(extra_env or {})}
        self._own_redis = not given.keys() & {"REDIS_URL", "REDIS_URL_FILE"}
        #: What every process of the stack finds in its environment.
        self.env: Mapping[str, str] = self._defaults(given) | given | {"HUB_HOME": str(home)}
        #: For a caller that adds a process of its own, to live and die with the others.
        self.processes = Processes(home, self.env, cwd=BASE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Bring the database up to date and start everything; then pages are served.

        Raises:
            PortBusy: before anything is started.
            RedisMissing: there is none to start, and ``REDIS_URL`` names none.
            ChildError: a process did not come up.
        """
        if not port_is_free(self.port):
            raise PortBusy(self.port)
        if self._own_redis:
            start_redis(self.processes, self.home / "redis", self.env["REDIS_URL"])
        self.processes.run("prepare", [*MANAGE, "prepare"])
        self.processes.start("worker", WORKER, lasting=True)
        self.processes.start("beat", BEAT, lasting=True)
        web = [*WEB, "--bind", f"{LOOPBACK}:{self.port}"]
        self.processes.start("web", web, ready=self._serves, lasting=True)

    def check(self) -> None:
        """Raise ``ChildDied`` if any process has ended."""
        self.processes.check()

    def mend(self) -> list[str]:
        """See ``Processes.mend``: to be called again and again while the stack serves."""
        return self.processes.mend()

    def stop(self) -> None:
        self.processes.stop()

    def _serves(self) -> bool:
        return page_answers(self.port, "/readyz")

    def _defaults(self, given: Mapping[str, str]) -> dict[str, str]:
        public_url = given.get("PUBLIC_URL", self.url)
        hosts = f"{urlsplit(public_url).hostname},{LOOPBACK},localhost"
        redis = {"REDIS_URL": new_redis_url()} if self._own_redis else {}
        return {"PUBLIC_URL": public_url, "ALLOWED_HOSTS": hosts} | redis

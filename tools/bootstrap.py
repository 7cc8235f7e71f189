"""Make .venv what the locks say. ``python3 -m tools.bootstrap runtime sandbox redis``

Runs before anything is installed, so it needs only the standard library, and it parses on Pythons
too old for the project in order to say so. Nothing is written outside the project's folder. When
all is in place it only compares a few digests.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from tools import pip, servers
from tools.refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / "installed"
#: Stands while something is being installed. Found at the start, it means that we were cut off, and
#: pip takes a half-written package for a whole one, so the folder is made anew.
UNFINISHED = VENV / "unfinished"
MINIMUM = (3, 11)


def main(names: list[str]) -> None:
    try:
        prepare(names)
    except Refusal as refusal:
        sys.exit(str(refusal))
    except OSError as error:
        sys.exit(
            f"{error.filename} cannot be used ({error.strerror})."
            " Work in a copy of the project of your own."
        )
    except KeyboardInterrupt:
        sys.exit("\nStopped. The same command starts over.")


def prepare(names: list[str]) -> None:
    """Install what the named locks pin; a lock that is already installed costs nothing.

    Raises:
        Refusal: this machine cannot do it; the text says why and what to do.
    """
    check_python(sys.version_info[:2], sys.executable)
    if all(is_installed(name) for name in names):
        return
    check_folder(ROOT)
    make_venv()
    for name in names:
        if not is_installed(name):
            install(name)


def check_python(version: tuple[int, ...], program: str) -> None:
    if version < MINIMUM:
        raise Refusal(
            "Python {}.{} or newer is needed, and {} is {}.{}. Name a newer one, for example:"
            " make demo PYTHON=python3.12".format(*MINIMUM, program, *version)
        )


def check_folder(folder: Path) -> None:
    if not os.access(folder, os.W_OK):
        raise Refusal(f"{folder} cannot be written to. Work in a copy of your own.")


def is_installed(name: str) -> bool:
    if servers.is_at_hand(name):
        return True
    stamp = STAMPS / name
    return (
        not UNFINISHED.exists()
        and _python().exists()
        and stamp.exists()
        and stamp.read_text() == _digest(name)
    )


def make_venv() -> None:
    if pip.works(_python()) and not UNFINISHED.exists():
        return
    print("Creating the virtual environment .venv", flush=True)
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Refusal(
            f"{sys.executable} cannot create a virtual environment. On Debian and Ubuntu, install"
            f" python3-venv. Its own words: {_last_line(done.stdout + done.stderr)}"
        )


def install(name: str) -> None:
    print(f"Installing requirements/{name}.lock", flush=True)
    UNFINISHED.touch()
    if name in servers.FOLDERS:
        servers.install(name, _python(), _lock(name), VENV / "servers" / name)
    else:
        pip.install(_python(), _lock(name))
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(_digest(name))
    UNFINISHED.unlink()


def _python() -> Path:
    return VENV / "bin" / "python"


def _lock(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.lock"


def _digest(name: str) -> str:
    return hashlib.sha256(_lock(name).read_bytes()).hexdigest()


def _last_line(text: str) -> str:
    return (text.strip() or "no reason was given").splitlines()[-1]


if __name__ == "__main__":
    main(sys.argv[1:])

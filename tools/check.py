"""``make check``: all that can be said about the code without running it, in one go.

Every step runs, whatever the others find; the code is 1 if any of them found something.
"""

import os
import secrets
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

from tenants.vault.ringfile import ring_create
from tools import containers, lock, reference

ROOT = Path(__file__).resolve().parent.parent

#: A step says what is wrong, or nothing.
Step = Callable[[], str]


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        environment = production_like(Path(scratch))
        steps = {
            "locks": lambda: "\n".join(lock.problems(tomllib.loads(_read("pyproject.toml")))),
            "lint": command("ruff", "check", "--quiet", "--output-format=concise", "."),
            "format": command("ruff", "format", "--check", "--output-format=concise", "."),
            "types": command("mypy"),
            "template format": program("djade", "--check", "--target-version", "5.2", *templates()),
            "template lint": command("djlint", "--lint", "--quiet", "templates"),
            "migrations": manage(environment, "makemigrations", "--check", "--dry-run"),
            "deploy": manage(environment, "check", "--deploy", "--fail-level", "WARNING"),
            "containers": lambda: "\n".join(containers.problems(ROOT)),
            "reference": lambda: "\n".join(reference.problems(ROOT)),
        }
        failed = [name for name, step in steps.items() if not passes(name, step)]
    if failed:
        sys.exit(f"Found something in: {', '.join(failed)}")


def passes(name: str, step: Step) -> bool:
    began = time.monotonic()
    found = step()
    print(f"{name:16} {'FOUND' if found else 'ok':6} {time.monotonic() - began:5.1f} s", flush=True)
    if found:
        print(found, flush=True)
    return not found


def command(module: str, *arguments: str, environment: dict[str, str] | None = None) -> Step:
    """A step that runs a Python module."""
    return _run([sys.executable, "-m", module, *arguments], environment)


def program(name: str, *arguments: str) -> Step:
    """A step that runs a program which is no Python module."""
    return _run([str(Path(sys.executable).with_name(name)), *arguments], None)


def manage(environment: dict[str, str], *arguments: str) -> Step:
    return command("manage", *arguments, environment=environment)


def _run(line: list[str], environment: dict[str, str] | None) -> Step:
    """What the command prints counts only if it fails."""

    def run() -> str:
        done = subprocess.run(
            line,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode == 0:
            return ""
        return done.stdout.strip() or f"It ended with code {done.returncode}."

    return run


def production_like(scratch: Path) -> dict[str, str]:
    """Settings as a vendor's server has them, with keys that live as long as this check."""
    keyring = scratch / "keyring.json"
    ring_create(keyring)
    return os.environ | {
        "ENVIRONMENT": "production",
        "HUB_HOME": str(scratch),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "KEYRING_FILE": str(keyring),
        "PUBLIC_URL": "https://hub.example.com",
        "ALLOWED_HOSTS": "hub.example.com",
    }


def templates() -> list[str]:
    return sorted(map(str, (ROOT / "templates").rglob("*.html")))


def _read(name: str) -> str:
    return (ROOT / name).read_text()


if __name__ == "__main__":
    main()

"""The demo's own folder and settings, apart from anything real."""

import fcntl
import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from oin_service.home import HomeRefused, home_folder
from oin_service.ports import LOOPBACK, free_port
from tenants.sandbox.server import OKTA_SUFFIXES

_INSIDE = "HUB_DEMO_SANDBOX_PORT"

#: Interval of the standing syncs, for people who look around.
SYNC_EVERY_S = 120

#: Settings of somebody's real installation that must not reach the demo; it makes its own.
_MADE_ANEW = ("ALLOWED_HOSTS", "EMAIL_URL", "REDIS_URL", "SECRET_KEY", "STATIC_ROOT")


#: What a command in another terminal has to be told, to work on the demo.
_FOR_COMMANDS = (
    *("HUB_HOME", "ENVIRONMENT", "DATABASE_URL", "KEYRING_FILE", "REDIS_URL"),
    *("OKTA_DIAL", "OKTA_CA_BUNDLE"),
)


def inside_demo() -> bool:
    return _INSIDE in os.environ


def sandbox_port() -> int:
    return int(os.environ[_INSIDE])


def start_again_inside(arguments: list[str], *, port: int) -> NoReturn:
    """Run the same command anew with the demo's settings: Django reads settings only once.

    Raises:
        HomeRefused: another demo lives in the folder, or an earlier one cannot be cleared away.
    """
    home = home_folder() / "demo"
    _occupy(home)
    _clear(home)
    settings = _settings(home, port, free_port())
    for name in (*settings, *_MADE_ANEW):
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    os.environ.update(settings)
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606  (no shell, our own words)


def write_environment(file: Path, env: Mapping[str, str]) -> None:
    """A file for a shell to read in, so that ``manage.py`` there finds the demo that runs here."""
    file.touch(mode=0o600)
    file.write_text("".join(f"export {name}={shlex.quote(env[name])}\n" for name in _FOR_COMMANDS))


def _settings(home: Path, port: int, sandbox_port: int) -> dict[str, str]:
    dial = f"{LOOPBACK}:{sandbox_port}"
    return {
        _INSIDE: str(sandbox_port),
        "PUBLIC_URL": f"http://{LOOPBACK}:{port}",
        "HUB_HOME": str(home),
        "ENVIRONMENT": "development",
        "DATABASE_URL": f"sqlite:///{home / 'db.sqlite3'}",
        "KEYRING_FILE": str(home / "keys" / "keyring.json"),
        "OKTA_DIAL": ",".join(f"{suffix}={dial}" for suffix in sorted(OKTA_SUFFIXES)),
        "OKTA_CA_BUNDLE": str(home / "sandbox" / "ca.pem"),
        "TICK_EVERY_S": "0.5",
        "SYNC_EVERY_S": str(SYNC_EVERY_S),
        "VENDOR_NAME": "Example Vendor",
        "INTEGRATION_NAME": "Example Inventory",
        "SUPPORT_EMAIL": "support@vendor.example",
    }


def _occupy(home: Path) -> None:
    """Keep the folder to ourselves for as long as this process lives, also after it starts anew."""
    try:
        home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(home.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise HomeRefused(home, "another demo is running there") from error
    except OSError as error:
        raise HomeRefused(home, error.strerror or "no reason given") from error
    os.set_inheritable(lock, True)


def _clear(home: Path) -> None:
    try:
        shutil.rmtree(home, ignore_errors=False)
    except FileNotFoundError:
        return
    except OSError as error:
        raise HomeRefused(home, error.strerror or "no reason given") from error

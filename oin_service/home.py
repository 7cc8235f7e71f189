"""The folder where one machine keeps its own database, keys and logs, and its signing key.

Several machines share keys that somebody hands to each of them. One machine alone makes its own,
and every later ``manage.py`` command finds it in the same place.
"""

import os
import secrets
import sys
from pathlib import Path

DEFAULT_HOME = Path(__file__).resolve().parent.parent / "var"

#: Commands that may set up a home. Any other command must find one, or be told the key.
FOUNDERS = {"demo", "sandbox", "serve"}


class HomeRefused(Exception):
    """The folder cannot be used; ``str()`` says why and what to do."""

    def __init__(self, home: Path, reason: str) -> None:
        super().__init__(f"{home} cannot be used ({reason}). Name another folder with HUB_HOME.")


def home_folder() -> Path:
    """``HUB_HOME``, else var/ in the project."""
    return Path(os.environ.get("HUB_HOME", DEFAULT_HOME)).resolve()


def found_home(home: Path) -> None:
    """Make the folder and its place for keys, open to nobody else, unless they are there.

    Raises:
        HomeRefused: they cannot be made or written to.
    """
    try:
        for folder in (home, home / "keys"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise HomeRefused(home, error.strerror or "no reason given") from error
    if not os.access(home, os.W_OK):
        raise HomeRefused(home, "it cannot be written to")


def adopt_signing_key(arguments: list[str]) -> None:
    """Let Django read its ``SECRET_KEY`` from the home, unless the environment names one.

    Must run before settings are read. ``arguments`` are those of ``manage.py``; on the commands
    that found a home, a missing key is made. Ends the process if the home cannot be used.
    """
    if os.environ.keys() & {"SECRET_KEY", "SECRET_KEY_FILE"}:
        return
    home = home_folder()
    key = home / "keys" / "signing_key"
    if FOUNDERS.intersection(arguments[1:2]) and not key.exists():
        try:
            found_home(home)
        except HomeRefused as refused:
            sys.exit(str(refused))
        _write_signing_key(key)
    if key.exists():
        os.environ["SECRET_KEY_FILE"] = str(key)


def _write_signing_key(path: Path) -> None:
    """An interrupted write leaves no half key behind under the name that counts."""
    draft = path.with_name(f".{path.name}")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48))
    draft.rename(path)

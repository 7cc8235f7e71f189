"""The folder where one machine keeps its own database, keys and logs, and its signing key.

Several machines share keys that somebody hands to each of them. One machine alone makes its own,
and every later ``manage.py`` command finds it in the same place.
"""

import os
import secrets
from pathlib import Path

DEFAULT_HOME = Path(__file__).resolve().parent.parent / "var"

#: Commands that may set up a home. Any other command must find one, or be told the key.
FOUNDERS = {"demo", "serve"}


def home_folder() -> Path:
    """``HUB_HOME``, else var/ in the project."""
    return Path(os.environ.get("HUB_HOME", DEFAULT_HOME)).resolve()


def keys_folder(home: Path) -> Path:
    """Where keys lie; made on first use, and open to nobody else."""
    folder = home / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def adopt_signing_key(arguments: list[str]) -> None:
    """Let Django read its ``SECRET_KEY`` from the home, unless the environment names one.

    Must run before settings are read. ``arguments`` are those of ``manage.py``.
    """
    if os.environ.keys() & {"SECRET_KEY", "SECRET_KEY_FILE"}:
        return
    key = home_folder() / "keys" / "signing_key"
    if arguments[1:2] and arguments[1] in FOUNDERS and not key.exists():
        create_signing_key(key)
    if key.exists():
        os.environ["SECRET_KEY_FILE"] = str(key)


def create_signing_key(path: Path) -> None:
    """Write a fresh random key that only we can read; an interrupted write leaves nothing."""
    draft = keys_folder(path.parent.parent) / f".{path.name}"
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48))
    draft.rename(path)

"""The key ring on disk: made once, read at start, and changed by nobody but the keys command."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from os import urandom
from pathlib import Path

from tenants.vault.keyfile import locked_folder, read_key_file, replace_key_file, write_key_file
from tenants.vault.keyring import Keyring
from tenants.vault.kinds import ring_of
from tenants.vault.ringtext import RingText, Spec, random_text


def ring_create(path: Path | str, key_id: str = "", spec: Spec = "") -> Keyring:
    """Write a ring of one key, a fresh local one unless said otherwise.

    Raises:
        KeyringError: something is there already (it is left alone), or the folder refuses.
    """
    text = RingText.around(key_id or fresh_id("local"), spec or random_text())
    ring = ring_of(text)
    write_key_file(Path(path), str(text))
    return ring


def ring_load(path: Path | str) -> Keyring:
    """Read a key file. Raises KeyringError, whose sentence names the remedy."""
    return ring_from_text(read_key_file(Path(path)))


def ring_from_text(text: str) -> Keyring:
    """Read key text from elsewhere.

    Out of an environment variable it works too, but every child process and crash dump sees it:
    the caller should warn.
    """
    return ring_of(RingText.parse(text))


def ring_edit(path: Path, change: Callable[[RingText], RingText]) -> None:
    """Replace a key file by its changed text, at once and for good; editors wait for each other.

    A link stays, and the file that it leads to is replaced.

    Raises:
        KeyringError: what comes out is no usable ring, or the file cannot be replaced. The file is
            as it was then.
    """
    path = Path(os.path.realpath(path))
    with locked_folder(path.parent):
        changed = change(RingText.parse(read_key_file(path)))
        ring_of(changed)
        replace_key_file(path, str(changed))


def fresh_id(prefix: str) -> str:
    """An id for a new key. Its random end keeps two keys of one year apart."""
    return f"{prefix}-{datetime.now(UTC):%Y}-{urandom(3).hex()}"

"""The key ring as this installation is configured, and as it is at the moment."""

import logging
import os
from functools import cache
from pathlib import Path
from threading import Lock

from django.conf import settings

from tenants.vault.errors import KeyringError
from tenants.vault.keyring import Keyring
from tenants.vault.ringfile import ring_from_text, ring_load

logger = logging.getLogger(__name__)


def keyring() -> Keyring:
    """The keys that seal customers' secrets. A key file that is replaced is read again.

    Raises:
        KeyringError: the key file is missing, readable by others or not a key file.
    """
    return _from_environment() if settings.KEYRING_TEXT else _from_file(settings.KEYRING_FILE)


def forget_keyring() -> None:
    """Read it anew on next use."""
    _from_environment.cache_clear()
    _watched.cache_clear()


@cache
def _from_environment() -> Keyring:
    logger.warning(
        "KEYRING_TEXT holds the keys: crash dumps and child processes see them. Prefer a file."
    )
    return ring_from_text(settings.KEYRING_TEXT)


def _from_file(path: str | Path) -> Keyring:
    return _watched(Path(path)).ring()


class _WatchedFile:
    """Keys are added and retired beside live traffic, so a ring lasts as long as its file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._read: tuple[tuple[int, int, int], Keyring] | None = None

    def ring(self) -> Keyring:
        with self._lock:
            if self._read is None:
                self._read = self._version(), ring_load(self._path)
            elif (version := self._version()) != self._read[0]:
                self._read = version, self._changed(self._read[1])
            return self._read[1]

    def _changed(self, before: Keyring) -> Keyring:
        """A bad new file stops nobody who has good keys; whoever starts now is told."""
        try:
            ring = ring_load(self._path)
        except KeyringError as refused:
            logger.error("The keys read before stay in use. %s", refused)
            return before
        logger.info("The key file has changed: %r", ring)
        return ring

    def _version(self) -> tuple[int, int, int]:
        try:
            found = os.stat(self._path)
        except OSError:
            return (0, 0, 0)
        return (found.st_ino, found.st_ctime_ns, found.st_size)


@cache
def _watched(path: Path) -> _WatchedFile:
    return _WatchedFile(path)

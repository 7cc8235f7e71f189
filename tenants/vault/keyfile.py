"""The key file on disk: who may read it, and how a new one appears whole or not at all."""

import contextlib
import fcntl
import glob
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from tenants.vault.errors import KeyringError

#: Far above any real ring; keeps a mistaken path from filling memory.
MAX_BYTES = 64 * 1024
#: Random bytes in a draft's name.
DRAFT_BYTES = 8


def read_key_file(path: Path) -> str:
    """The file's text, if it is a plain file that belongs to us and nobody else can read.

    Raises:
        KeyringError: naming the path and the remedy, never the content.
    """
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            _refuse_if_shared(path, os.fstat(file.fileno()))
            content = file.read(MAX_BYTES + 1)
    except OSError as exc:
        raise KeyringError(f"The key file {path} cannot be read: {exc.strerror}.") from None
    if len(content) > MAX_BYTES or not content.isascii():
        raise KeyringError(f"The key file {path} is not a key file.")
    return content.decode("ascii")


def _open_at_once(path: str, flags: int) -> int:
    """A named pipe put in the file's place must not hang the start."""
    return os.open(path, flags | os.O_NONBLOCK)


def _refuse_if_shared(path: Path, found: os.stat_result) -> None:
    # Asked of the open file, not of the path, so that it cannot be swapped in between.
    if not stat.S_ISREG(found.st_mode):
        raise KeyringError(f"The key file {path} is not a regular file.")
    if found.st_uid != os.geteuid():
        raise KeyringError(
            f"The key file {path} belongs to another user; give it to the user that runs us."
        )
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyringError(
            f"The key file {path} is open to other users; close it with: chmod 400 {path}"
        )


def write_key_file(path: Path, text: str) -> None:
    """Put a new file at ``path``, mode 0400 and on the disk when this returns.

    Raises:
        KeyringError: something is there already (it is left alone), or the folder refuses.
    """
    try:
        with _draft_beside(path, text) as draft:
            # A hard link, unlike a rename, never replaces what is there.
            os.link(draft, path)
        _sync_folder(path.parent)
    except FileExistsError:
        raise KeyringError(
            f"There is a key file at {path} already; it was left as it is."
        ) from None
    except OSError as exc:
        raise KeyringError(f"The key file {path} cannot be written: {exc.strerror}.") from None


def replace_key_file(path: Path, text: str) -> None:
    """Put a new file in the place of the one at ``path``: whoever reads it finds the one or the
    other, never a part. Mode 0400 and on the disk when this returns.

    Call it with the folder locked: drafts of others who were killed go, too.

    Raises:
        KeyringError: it cannot be replaced, and is as it was.
    """
    try:
        _drop_drafts_beside(path)
        with _draft_beside(path, text) as draft:
            os.replace(draft, path)
        _sync_folder(path.parent)
    except OSError as exc:
        raise KeyringError(
            f"The key file {path} cannot be replaced: {exc.strerror}. Change it where the original "
            "is kept, and hand it out anew."
        ) from None


def make_folder(folder: Path) -> None:
    """Make a place for a key file, which nobody else enters, unless it is there. Raises
    KeyringError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise KeyringError(f"The folder {folder} cannot be made: {exc.strerror}.") from None


@contextlib.contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Let one process at a time change what is in the folder. Raises KeyringError."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as exc:
        raise KeyringError(f"The folder {folder} cannot be opened: {exc.strerror}.") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _draft_beside(path: Path, text: str) -> Iterator[Path]:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(DRAFT_BYTES)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), 0o400)
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _drop_drafts_beside(path: Path) -> None:
    """What somebody who was killed has left there holds keys, perhaps some that are deleted now."""
    ending = "[0-9a-f]" * (2 * DRAFT_BYTES)
    for draft in path.parent.glob(f".{glob.escape(path.name)}.{ending}"):
        draft.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

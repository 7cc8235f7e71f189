"""Where an answer goes: standard output or a file, as JSON, XML or plain bytes."""

import json
import os
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import OutputWrapper

from tenants.calls.errors import CallRefused
from tenants.errors import ServiceError
from tenants.management.okta.visible import visible, visible_bytes
from tenants.okta.bodies import Document


@dataclass(frozen=True)
class Output:
    """``send`` takes bytes; ``at_terminal`` says that a person reads them at once."""

    send: Callable[[bytes], object]
    at_terminal: bool

    def put(self, value: Any) -> None:
        """One answer, of any of the kinds that `tenants.okta.bodies.Outcome` may have."""
        match value:
            case Document(raw=raw) | (bytes() as raw):
                self.send(visible_bytes(raw) if self.at_terminal else raw)
            case _:
                self.send(f"{self._json(value)}\n".encode())

    def put_all(self, values: Iterable[Any]) -> None:
        """One JSON array, an item at a time.

        When ``values`` breaks off the array stays open, so that nobody takes it for the whole.
        """
        before = "[\n"
        for value in values:
            item = self._json(value)
            self.send(f"{before}{self._indented(item)}".encode())
            before = ",\n"
        self.send(b"[]\n" if before == "[\n" else b"\n]\n")

    def _json(self, value: Any) -> str:
        return visible(
            json.dumps(value, ensure_ascii=False, indent=2 if self.at_terminal else None)
        )

    def _indented(self, item: str) -> str:
        return textwrap.indent(item, "  ") if self.at_terminal else item


class AnswerElsewhere(ServiceError):
    """The answer is whole, but not under the name that was asked for."""

    code = "answer_elsewhere"


@contextmanager
def output_to(file: Path | None, stdout: OutputWrapper, *, overwrite: bool) -> Iterator[Output]:
    """A file appears only once it is whole, for its owner alone; without a byte, not at all.

    Raises:
        CallRefused: the file is there already, is no file, or cannot be made; or there is neither
            a file nor a standard output.
        AnswerElsewhere: while we were at it, the file's name was taken.
    """
    if file is None:
        require_open(stdout)
        yield Output(lambda data: _send_to(stdout, data), stdout.isatty())
        return
    _refuse_existing(file, overwrite)
    with _draft_of(file, overwrite) as send:
        yield Output(send, at_terminal=False)


def require_open(stdout: OutputWrapper) -> None:
    """Raises CallRefused where there is no standard output, as after ``>&-`` in a shell."""
    if getattr(stdout, "closed", True):
        raise CallRefused("Standard output is closed, so what is asked for would be lost.")


def _refuse_existing(file: Path, overwrite: bool) -> None:
    if str(file) == "-":
        raise CallRefused("Without --file the answer goes to standard output.")
    try:
        file.lstat()
    except FileNotFoundError:
        return
    except OSError as exc:
        raise CallRefused(f"{file} cannot be written: {exc.strerror}.") from exc
    if not file.is_file() or file.is_symlink():
        raise CallRefused(f"{file} is no plain file, so no answer can be put there.")
    if not overwrite:
        raise CallRefused(f"{file} is there already. Name another one, or add --overwrite.")


@contextmanager
def _draft_of(file: Path, overwrite: bool) -> Iterator[Callable[[bytes], object]]:
    try:
        # Readable for its owner alone from the first byte on.
        handle, draft = tempfile.mkstemp(prefix=f".{file.name[:50]}.", dir=file.parent)
    except OSError as exc:
        raise CallRefused(f"{file} cannot be written: {exc.strerror}.") from exc
    try:
        with open(handle, "wb") as stream:
            yield stream.write
        whole = os.path.getsize(draft) > 0
    except BaseException:
        os.unlink(draft)
        raise
    if whole:
        _put_in_place(draft, file, overwrite)
    else:
        os.unlink(draft)


def _put_in_place(draft: str, file: Path, overwrite: bool) -> None:
    """What Okta shows only once is kept, whatever became of the name meanwhile."""
    try:
        if overwrite:
            os.replace(draft, file)
        else:
            # Unlike a rename, this fails where another command was faster.
            os.link(draft, file)
            os.unlink(draft)
    except OSError as exc:
        told = f"{file} cannot be written ({exc.strerror}); the answer is in {draft}."
        raise AnswerElsewhere(told) from exc


def _send_to(stdout: OutputWrapper, data: bytes) -> None:
    """Bytes as they are, which is UTF-8 for JSON wherever we run."""
    if binary := getattr(stdout, "buffer", None):
        binary.write(data)
    else:
        stdout.write(data.decode(), ending="")
    stdout.flush()

"""Where an answer goes: standard output or a file, as JSON, XML or plain bytes."""

import json
import os
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import OutputWrapper

from tenants.calls.errors import CallRefused
from tenants.okta.bodies import Document


@dataclass(frozen=True)
class Output:
    """``send`` takes bytes; ``at_terminal`` says that a person reads them at once."""

    send: Callable[[bytes], object]
    at_terminal: bool

    def put(self, value: Any) -> None:
        """One answer, of any of the kinds that `tenants.okta.bodies.read` makes."""
        match value:
            case Document():
                self.send(_visible_xml(value.raw) if self.at_terminal else value.raw)
            case bytes():
                self.send(value)
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
        text = json.dumps(value, ensure_ascii=False, indent=2 if self.at_terminal else None)
        return _visible(text, lambda char: json.dumps(char)[1:-1])

    def _indented(self, item: str) -> str:
        return textwrap.indent(item, "  ") if self.at_terminal else item


@contextmanager
def output_to(file: Path | None, stdout: OutputWrapper, *, overwrite: bool) -> Iterator[Output]:
    """A file appears only once it is whole, for its owner alone; without a byte, not at all.

    Raises:
        CallRefused: the file is there already, is no file, or cannot be made.
    """
    if file is None:
        yield Output(lambda data: _send_to(stdout, data), stdout.isatty())
        return
    _refuse_existing(file, overwrite)
    with _draft_of(file) as send:
        yield Output(send, at_terminal=False)


def _refuse_existing(file: Path, overwrite: bool) -> None:
    if not os.path.lexists(file):
        return
    if not file.is_file() or file.is_symlink():
        raise CallRefused(f"{file} is no plain file, so no answer can be put there.")
    if not overwrite:
        raise CallRefused(f"{file} is there already. Name another one, or add --overwrite.")


@contextmanager
def _draft_of(file: Path) -> Iterator[Callable[[bytes], object]]:
    try:
        # Readable for its owner alone from the first byte on.
        handle, draft = tempfile.mkstemp(prefix=f".{file.name[:50]}.", dir=file.parent)
    except OSError as exc:
        raise CallRefused(f"{file} cannot be written: {exc.strerror}.") from exc
    try:
        with open(handle, "wb") as stream:
            yield stream.write
        if os.path.getsize(draft):
            os.replace(draft, file)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft)


def _send_to(stdout: OutputWrapper, data: bytes) -> None:
    """Bytes as they are, which is UTF-8 for JSON wherever we run."""
    if binary := getattr(stdout, "buffer", None):
        binary.write(data)
    else:
        stdout.write(data.decode(), ending="")
    stdout.flush()


def _visible(text: str, escape: Callable[[str], str]) -> str:
    """``text`` without what a terminal would obey: labels in an org are anybody's choice."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else escape(char) for char in text)


def _visible_xml(raw: bytes) -> bytes:
    return _visible(raw.decode(errors="replace"), lambda _: "\ufffd").encode() + b"\n"

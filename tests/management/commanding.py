"""``manage.py okta`` as a test calls it: what it said on either stream, and how it ended."""

import io
import sys
from typing import Any, NamedTuple

import pytest
from django.core.management import CommandError, call_command

from tenants.models import AuditEvent


class Said(NamedTuple):
    code: int
    out: bytes
    err: str


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Typed(io.TextIOWrapper):
    """Standard input at which somebody sits."""

    def isatty(self) -> bool:
        return True


class Screen(io.TextIOWrapper):
    """Standard output that somebody watches."""

    def isatty(self) -> bool:
        return True


class Okta:
    """Runs the command in this process. ``at_terminal`` puts somebody before it, who types what
    ``types`` says; else standard input holds ``piped``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, command: str = "okta") -> None:
        self._monkeypatch = monkeypatch
        self._command = command

    def __call__(
        self, *words: Any, piped: bytes = b"", types: str = "", at_terminal: bool = False
    ) -> Said:
        pipe = io.BytesIO(types.encode() or piped)
        stdin = Typed(pipe) if at_terminal else io.TextIOWrapper(pipe)
        self._monkeypatch.setattr(sys, "stdin", stdin)
        raw = io.BytesIO()
        out = Screen(raw) if at_terminal else io.TextIOWrapper(raw)
        err = Terminal() if at_terminal else io.StringIO()
        code = 0
        try:
            call_command(self._command, *map(str, words), stdout=out, stderr=err, no_color=True)
        except CommandError as error:
            code = error.returncode
            err.write(str(error))
        except SystemExit as end:
            code = int(end.code or 0)
        out.flush()
        return Said(code, raw.getvalue(), err.getvalue())


def on_record(what: str = "call") -> list[dict[str, Any]]:
    """The audit trail of calls, or of something else, oldest first."""
    events = AuditEvent.objects.filter(action__startswith=f"{what}.").order_by("at")
    return [{"action": event.action, **event.detail} for event in events]

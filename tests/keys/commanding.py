"""``manage.py keys`` as a test calls it: what it said, how it ended, and what it left on record."""

import io
from typing import Any, NamedTuple

from django.core.management import CommandError, call_command

from tenants.models import AuditEvent


class Said(NamedTuple):
    code: int
    out: str


def keys(*words: str) -> Said:
    out = io.StringIO()
    try:
        call_command("keys", *words, stdout=out, stderr=io.StringIO())
    except CommandError as error:
        return Said(error.returncode, f"{out.getvalue()}{error}")
    except SystemExit as end:
        return Said(int(end.code or 0), out.getvalue())
    return Said(0, out.getvalue())


def on_record() -> list[dict[str, Any]]:
    events = AuditEvent.objects.filter(action__startswith="keys.").order_by("at")
    return [{"action": event.action} | event.detail for event in events]

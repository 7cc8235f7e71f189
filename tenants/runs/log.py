"""A run's own log lines: short, for people, without secrets."""

import uuid

from tenants.choices import EventLevel
from tenants.models import RunEvent


def event(run_id: uuid.UUID, text: str, level: EventLevel = EventLevel.INFO) -> RunEvent:
    """A line that is not written yet."""
    return RunEvent(run_id=run_id, text=text.replace("\x00", "")[:500], level=level)


def say(run_id: uuid.UUID, text: str, level: EventLevel = EventLevel.INFO) -> None:
    event(run_id, text, level).save()

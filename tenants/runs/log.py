"""A run's own log lines: short, for people, without secrets."""

import uuid

from tenants.choices import EventLevel
from tenants.models import RunEvent


def say(run_id: uuid.UUID, text: str, level: EventLevel = EventLevel.INFO) -> None:
    RunEvent.objects.create(run_id=run_id, text=text.replace("\x00", "")[:500], level=level)

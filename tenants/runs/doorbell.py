"""The one place that talks to the broker: a message is a run's id and nothing more."""

import logging
import uuid
from collections.abc import Sequence

from celery import current_app, current_task
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from tenants.models import Run

logger = logging.getLogger(__name__)


def ring(run_ids: Sequence[uuid.UUID]) -> int:
    """Send one doorbell for each run; what cannot be sent is rung again by a later tick."""
    Run.objects.filter(pk__in=run_ids).update(rung_at=Now())
    for rung, run_id in enumerate(run_ids):
        try:
            current_app.send_task("run.slice", args=[str(run_id)], ignore_result=True)
        except OperationalError as exc:
            logger.warning("doorbell not sent: %s", type(exc).__name__)
            Run.objects.filter(pk__in=run_ids[rung:]).update(rung_at=None)
            return rung
    return len(run_ids)


def ring_from_worker(run_id: uuid.UUID) -> None:
    """Ring at once when we are a worker. A web process never waits for Redis: the tick rings."""
    if current_task:
        ring([run_id])

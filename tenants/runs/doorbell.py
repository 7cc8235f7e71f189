"""The one place that talks to the broker: a message is a run's id and nothing more."""

import logging
import uuid
from collections.abc import Iterable
from datetime import timedelta
from threading import Event

from celery import current_app
from django.db.models import Q
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from tenants.choices import Urgency
from tenants.models import Run

#: A doorbell that was not answered within this time is taken for lost.
RING_AGAIN_S = 30

#: Redis did not take what we last sent.
_unreachable = Event()

logger = logging.getLogger(__name__)


def ring(runs: Iterable[tuple[uuid.UUID, int]]) -> int:
    """Send a doorbell for each ``(id, urgency)`` that nobody else rings for; returns how many.

    What cannot be sent is rung by a later tick.
    """
    rung = 0
    for run_id, urgency in runs:
        ours = Run.objects.filter(~is_rung(), pk=run_id)
        if not ours.update(rung_at=Now()):
            continue
        try:
            _send(run_id, Urgency(urgency))
        except OperationalError as exc:
            logger.warning("doorbell not sent: %s", type(exc).__name__)
            notice(redis_is_away=True)
            forget(run_id)
            break
        rung += 1
    return rung


def notice(*, redis_is_away: bool) -> None:
    """What it held while it was away may be lost: when Redis is back, all is rung for anew.

    Doorbells that come twice do no harm.
    """
    if redis_is_away:
        _unreachable.set()
    elif _unreachable.is_set():
        Run.objects.filter(rung_at__isnull=False).update(rung_at=None)
        _unreachable.clear()


def is_rung() -> Q:
    """Of runs: a doorbell is on its way to a worker."""
    since = Now() - timedelta(seconds=RING_AGAIN_S)
    return Q(rung_at__isnull=False, rung_at__gte=since)


def answered(run_id: uuid.UUID) -> None:
    """A doorbell found nothing to take. It may ring again when there is; most name no such run."""
    if Run.objects.filter(pk=run_id, rung_at__isnull=False).exists():
        forget(run_id)


def forget(run_id: uuid.UUID) -> None:
    """The run's doorbell is not on its way any more."""
    Run.objects.filter(pk=run_id, rung_at__isnull=False).update(rung_at=None)


def _send(run_id: uuid.UUID, urgency: Urgency) -> None:
    current_app.send_task("run.slice", args=[str(run_id)], queue=urgency.label, ignore_result=True)

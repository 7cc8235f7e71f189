"""Celery's two entry points. Each is a doorbell: the row it names is the truth."""

import logging
import uuid

from celery import shared_task
from celery.signals import worker_shutting_down

from tenants.runs import dispatch, engine

logger = logging.getLogger(__name__)


@shared_task(name="run.slice", ignore_result=True)
def run_slice(run_id: str) -> None:
    """Work one slice of one run, if it is there to be claimed, and ring for whose turn is next."""
    try:
        named = uuid.UUID(run_id)
    except (ValueError, AttributeError, TypeError):
        logger.warning("a doorbell named no run")  # forged: what it said is not repeated
        return
    engine.work(named)
    dispatch.ring_due_runs()


@shared_task(name="control.tick", ignore_result=True)
def tick() -> None:
    """Queue what is due, ring again for what waits."""
    dispatch.tick()


@worker_shutting_down.connect
def drain(**kwargs: object) -> None:
    """Let slices stop at their next step, so that a deploy takes seconds."""
    engine.draining.set()

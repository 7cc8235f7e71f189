"""Answering doorbells: those with work behind them, and bursts of those without.

Whoever can write to Redis can ring for nothing, thousands of times, before those who ring for work.
So a doorbell for nothing costs one look, and now and then the worker does not wait for the right
one: it looks itself what is next.
"""

import logging
import uuid

from tenants import figures
from tenants.runs import dispatch, engine
from tenants.runs.seldom import Seldom

logger = logging.getLogger(__name__)

#: Of a burst: how often it is told of, and how often somebody looks what is next.
_complaining, _looking = Seldom(60.0), Seldom(0.2)


def answer(said: object) -> None:
    """Work one slice of the run that a doorbell names, and ring for whose turn is next.

    ``said`` may be anything: it came out of Redis.
    """
    run_id = _named(said)
    if run_id and engine.work(run_id):
        figures.doorbells.labels("work").inc()
        dispatch.ring_after_slice()
        return
    figures.doorbells.labels("nothing" if run_id else "garbage").inc()
    if _looking.now():
        any(engine.work(next_id) for next_id in dispatch.next_due())
        dispatch.ring_due_runs()


def _named(said: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(said)  # type: ignore[arg-type]
    except (ValueError, AttributeError, TypeError):
        if _complaining.now():  # what it said is not repeated: it was forged
            logger.warning("a doorbell named no run; how many do is in the metrics")
        return None

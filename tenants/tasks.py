"""Celery's entry points. Each is a doorbell: the row it names is the truth."""

import sys
from functools import partial
from threading import Lock
from typing import Any

from celery import shared_task
from celery.signals import (
    task_received,
    worker_init,
    worker_ready,
    worker_shutdown,
    worker_shutting_down,
)

from tenants.connections.upkeep import upkeep
from tenants.keys.proof import prove_before_work
from tenants.outbox import sending
from tenants.runs import at_work, dispatch, engine
from tenants.runs.answering import answer
from tenants.vault.errors import KeyringError
from tenants.worker.pulse import Pulse

#: Of this process, once it is a worker that takes messages.
_pulses: list[Pulse] = []
_sending = Lock()


@shared_task(name="run.slice", ignore_result=True)
def run_slice(run_id: str) -> None:
    """Work one slice of one run, if it is there to be claimed, and ring for whose turn is next."""
    answer(run_id)


@shared_task(name="control.tick", ignore_result=True)
def tick() -> None:
    """Queue what is due, ring again for what waits, have mails sent, look after connections."""
    _tick(by_beat=True)


def _tick(*, by_beat: bool) -> None:
    dispatch.tick(by_beat=by_beat)
    if sending.mails_due().exists():
        send_mails.apply_async(expires=60)
    upkeep()  # last: one connection that it fails at must not stop the work of all others


@shared_task(name="mail.send", ignore_result=True)
def send_mails() -> None:
    """Hand to the mail server what is due. Any number of these do no harm: a slow server takes one
    slot of each process, which counts as busy."""
    if not _sending.acquire(blocking=False):
        return
    try:
        with at_work.slot_taken():
            sending.send_due_mails()
    finally:
        _sending.release()


@shared_task(name="control.echo", ignore_result=True)
def echo() -> None:
    """What a worker sends itself: that it came through is all."""


@worker_ready.connect
def begin_pulse(sender: object, **kwargs: object) -> None:
    if not _pulses:  # it is ready again after each loss of Redis
        consumer: Any = sender
        tick_anyway = partial(_tick, by_beat=False)
        _pulses.append(Pulse(consumer.hostname, consumer.pool.limit, tick_anyway))
        _pulses[0].start()


@task_received.connect
def hear(**kwargs: object) -> None:
    """In the thread that takes messages, before any slot is needed."""
    for pulse in _pulses:
        pulse.heard()


@worker_init.connect
def prove_keys(**kwargs: object) -> None:
    """A worker with the wrong keys would take every connection for broken: it ends instead."""
    try:
        prove_before_work()
    except KeyringError as refused:
        sys.exit(f"This worker does not start. {refused}")


@worker_shutting_down.connect
def drain(**kwargs: object) -> None:
    """Let slices stop at their next step, so that a deploy takes seconds."""
    engine.draining.set()


@worker_shutdown.connect
def end_pulse(**kwargs: object) -> None:
    while _pulses:
        _pulses.pop().end()

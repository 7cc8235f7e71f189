"""Asking for runs, and taking the asking back."""

import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from tenants.choices import (
    LIVE_RUN_STATES,
    WAITED_FOR,
    RunKind,
    RunState,
    TenantState,
    Trigger,
    Urgency,
)
from tenants.errors import (
    ChangesNotRepeated,
    KindUnknown,
    NothingToRetry,
    RunAlreadyEnded,
    RunAlreadyLive,
    RunStillLive,
    TenantDeleted,
)
from tenants.models import AuditEvent, Job, Run, Tenant, User
from tenants.runs.cancelling import AFTER_CANCELLING, close_abandoned
from tenants.runs.endings import close
from tenants.runs.log import say
from tenants.runs.workers import Liveness, liveness


def run_queue(
    *,
    tenant: Tenant,
    kind: RunKind,
    trigger: Trigger,
    actor: User | None = None,
    params: dict[str, Any] | None = None,
    job: Job | None = None,
    slot: int | None = None,
    not_before: datetime | None = None,
    urgency: Urgency | None = None,
    once: uuid.UUID | None = None,
) -> Run:
    """Commit a run to be worked. The row is the promise; the next tick rings for it, or the next
    worker that looks for work after a slice.

    ``urgency`` follows from the trigger where it is not given. ``once`` becomes the run's id, so
    that asking for it a second time makes no second run.

    Raises:
        RunAlreadyLive: one of this kind is queued or running, this slot had its run, or ``once``
            is taken.
    """
    try:
        with transaction.atomic():
            run = Run.objects.create(
                pk=once or uuid.uuid4(),
                tenant=tenant,
                kind=kind,
                trigger=trigger,
                asked_by=actor,
                params=params or {},
                job=job,
                slot=slot,
                # By the clock that will say when it is due: ours may be a moment ahead.
                not_before=not_before or Now(),
                urgency=_urgency_of(trigger) if urgency is None else urgency,
            )
            run.refresh_from_db(fields=("not_before",))
    except IntegrityError as exc:
        raise RunAlreadyLive from exc
    return run


def run_follow(*, tenant: Tenant, kind: RunKind) -> None:
    """Have a run of ``kind`` that begins after this transaction, and not a second one for nothing.

    One that waits to begin will do. One that has begun may have read what was true before, so it is
    told to be followed by another. Its row is locked: it neither begins nor ends meanwhile.
    """
    try:
        run_queue(tenant=tenant, kind=kind, trigger=Trigger.FOLLOW_UP)
    except RunAlreadyLive:
        with transaction.atomic():
            live = Run.objects.for_tenant(tenant).filter(kind=kind, state__in=LIVE_RUN_STATES)
            run = live.select_for_update().first()
            if run is None:  # it has just ended
                run_follow(tenant=tenant, kind=kind)
            elif run.started_at:
                live.update(again=True)


def _urgency_of(trigger: Trigger) -> Urgency:
    return Urgency.INTERACTIVE if trigger in WAITED_FOR else Urgency.SCHEDULED


def run_retry(*, run: Run, actor: User, urgency: Urgency = Urgency.INTERACTIVE) -> Run:
    """Ask again for what an ended run was asked for.

    Raises:
        RunStillLive: it has not ended.
        KindUnknown: another version of ours made it.
        TenantDeleted: nothing is worked for it but its end.
        NothingToRetry: a verification's secret is not kept, so only the customer can send it again.
        ChangesNotRepeated: some of its changes may have been made.
        RunAlreadyLive: another run of this kind is under way.
    """
    if run.is_live:
        raise RunStillLive
    if run.kind == RunKind.VERIFY:
        raise NothingToRetry
    if run.kind == RunKind.APPLY:
        raise ChangesNotRepeated
    if run.kind not in RunKind.values:
        raise KindUnknown
    if run.tenant.state == TenantState.DELETED and run.kind != RunKind.DISCONNECT:
        raise TenantDeleted
    # Removals were accepted for the listing that somebody had looked at, not for the next one.
    params = {name: value for name, value in run.params.items() if name != "accept_removals"}
    with transaction.atomic():
        again = run_queue(
            tenant=run.tenant,
            kind=RunKind(run.kind),
            trigger=Trigger.RETRY,
            actor=actor,
            params=params,
            urgency=urgency,
        )
        AuditEvent.objects.record(
            "run.retried", tenant=run.tenant, actor=actor, run=str(again.pk), of=str(run.pk)
        )
    return again


#: Why one of many is not retried; the others are.
_LEFT_OUT = (
    *(RunStillLive, RunAlreadyLive, NothingToRetry),
    *(ChangesNotRepeated, KindUnknown, TenantDeleted),
)


def runs_retry(*, runs: Iterable[Run], actor: User) -> int:
    """Ask again for each, as bulk work; returns how many. What somebody else asked for meanwhile
    is left."""
    asked = 0
    for run in runs:
        with suppress(*_LEFT_OUT):
            run_retry(run=run, actor=actor, urgency=Urgency.BULK)
            asked += 1
    return asked


def run_cancel(*, run: Run, actor: User) -> Liveness | None:
    """End a run that no living worker holds, or ask the one that does to stop after its page.

    Returns:
        How it is with the worker that held the run; None when nobody did.

    Raises:
        RunAlreadyEnded: too late.
    """
    with transaction.atomic():
        # Locked, so that no worker takes it up or gives it back while we look who holds it.
        run = Run.objects.select_for_update().get(pk=run.pk)
        if not run.is_live:
            raise RunAlreadyEnded
        worker = liveness(run.owner) if run.state == RunState.RUNNING else None
        if not close_abandoned(run, worker, f"Cancelled by {actor}."):
            Run.objects.filter(pk=run.pk).update(cancel_asked_at=timezone.now())
            say(run.pk, f"{actor} asked to cancel. {AFTER_CANCELLING[worker]}")
        AuditEvent.objects.record(
            "run.cancelled",
            tenant=run.tenant,
            actor=actor,
            run=str(run.pk),
            worker=worker or "none",
        )
    return worker


def runs_end(*, tenant: Tenant, reason: str, but: RunKind | None = None) -> int:
    """End all live runs of a tenant now, except those of kind ``but``; returns how many.

    Nobody waits for a worker's current page: whatever it still learns, it writes nothing.
    """
    live = Run.objects.for_tenant(tenant).filter(state__in=LIVE_RUN_STATES)
    with transaction.atomic():
        ended = list(live.exclude(kind=but or "").select_for_update())
        live.update(again=False)
        for run in ended:
            close(run, RunState.CANCELLED, "cancelled", reason)
    return len(ended)

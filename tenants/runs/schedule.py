"""Standing jobs: which slot is next, and queueing what is due.

Slots are counted from the epoch, shifted by an offset that is each tenant's own: many tenants
spread over the interval, restarts change nothing, and missed slots become one.
"""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tenants.choices import RunKind, TenantState, Trigger
from tenants.errors import RunAlreadyLive
from tenants.models import Job, Tenant
from tenants.runs.queue import run_queue

BATCH = 500
#: A tenant in trouble is tried again this long after the slot it missed: orgs come back by
#: themselves too, and then nobody would have to do anything.
PROBE_AFTER = timedelta(days=1)


def offset_s(tenant_id: uuid.UUID, kind: str, every_s: int) -> int:
    """This tenant's own second within the interval, stable for ever."""
    digest = hashlib.sha256(f"{tenant_id}:{kind}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % every_s


def next_slot(tenant_id: uuid.UUID, kind: str, every_s: int, now: datetime) -> datetime:
    """The first slot after ``now``."""
    offset = offset_s(tenant_id, kind, every_s)
    count = (int(now.timestamp()) - offset) // every_s + 1
    return datetime.fromtimestamp(count * every_s + offset, UTC)


def job_ensure(*, tenant: Tenant, kind: RunKind, every_s: int) -> Job:
    """Create the tenant's standing job of this kind, or set its interval."""
    due = next_slot(tenant.pk, kind, every_s, timezone.now())
    job, _ = Job.objects.update_or_create(
        tenant=tenant, kind=kind, defaults={"every_s": every_s, "next_run_at": due, "enabled": True}
    )
    return job


def queue_due_jobs() -> int:
    """Queue one run for each job whose slot has come; returns how many."""
    now = timezone.now()
    on_time = Q(tenant__state=TenantState.CONNECTED, next_run_at__lte=now)
    probe = Q(
        tenant__state=TenantState.ATTENTION,
        kind=RunKind.SYNC,
        next_run_at__lte=now - PROBE_AFTER,
    )
    due = Job.objects.filter(on_time | probe, enabled=True).select_related("tenant")
    return sum(_queue(job, now) for job in due.order_by("next_run_at")[:BATCH])


def _queue(job: Job, now: datetime) -> bool:
    following = next_slot(job.tenant_id, job.kind, job.every_s, now)
    with transaction.atomic():
        ours = Job.objects.filter(pk=job.pk, next_run_at=job.next_run_at)
        if not ours.update(next_run_at=following):
            return False  # another tick was quicker
        return _queue_slot(job)


def _queue_slot(job: Job) -> bool:
    try:
        run_queue(
            tenant=job.tenant,
            kind=RunKind(job.kind),
            trigger=Trigger.SCHEDULE,
            job=job,
            slot=int(job.next_run_at.timestamp()),
        )
    except RunAlreadyLive:
        return False  # the slot before is still being worked; this one joins it
    return True

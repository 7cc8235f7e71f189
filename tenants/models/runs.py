"""Job: a standing order. Run: one execution. RunEvent: what the run has to say."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from tenants.choices import LIVE_RUN_STATES, EventLevel, RunKind, RunState, Trigger, Urgency
from tenants.models.base import TenantQuerySet, UuidModel
from tenants.models.tenants import Tenant


class Job(UuidModel):
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=12, choices=RunKind)
    #: The interval by which its next slot is planned.
    every_s = models.PositiveIntegerField()
    #: The tenant's own; None for that of the installation. The next tick plans by it.
    own_every_s = models.PositiveIntegerField(null=True, blank=True)
    enabled = models.BooleanField(default=True)
    next_run_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("tenant", "kind"), name="one_job_a_kind"),
            # One interval of nothing would stop every tick, for everybody.
            models.CheckConstraint(condition=models.Q(every_s__gt=0), name="job_every_s"),
            models.CheckConstraint(condition=models.Q(own_every_s__gt=0), name="job_own_every_s"),
        )
        indexes = (models.Index("enabled", "next_run_at", name="job_due"),)

    def __str__(self) -> str:
        return f"{self.kind} every {self.every_s} s"


class Run(UuidModel):
    """One execution, and the queue entry for it.

    ``fence`` counts claims: every write of a worker names the fence it claimed with, so a worker
    that lost its lease writes nothing. ``not_before`` is how a run waits.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=12, choices=RunKind)
    #: What the run is about where a tenant may have several at once; empty for the whole tenant.
    target = models.CharField(max_length=80, blank=True)
    trigger = models.CharField(max_length=12, choices=Trigger)
    urgency = models.PositiveSmallIntegerField(
        choices=Urgency, default=Urgency.SCHEDULED, db_default=Urgency.SCHEDULED
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    #: The schedule's slot, Unix seconds; with ``job`` it makes a slot run once.
    slot = models.BigIntegerField(null=True, blank=True)
    params = models.JSONField(default=dict, blank=True)

    state = models.CharField(max_length=10, choices=RunState, default=RunState.QUEUED)
    not_before = models.DateTimeField(default=timezone.now)
    waiting_for = models.CharField(max_length=200, blank=True)
    rung_at = models.DateTimeField(null=True, blank=True)
    owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    #: Claims since the last progress; a run that kills its worker every time is given up.
    attempts = models.PositiveIntegerField(default=0)
    #: Retryable failures since the last progress.
    failures = models.PositiveIntegerField(default=0)
    #: What it works on changed under it: when it ends, one more follows.
    again = models.BooleanField(default=False, db_default=False)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    checkpoint = models.JSONField(default=dict, blank=True)

    done_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(null=True, blank=True)
    #: What is being done now, for people.
    activity = models.CharField(max_length=200, blank=True)
    call_count = models.PositiveIntegerField(default=0)
    token_count = models.PositiveIntegerField(default=0)
    slice_count = models.PositiveIntegerField(default=0)
    wait_s = models.FloatField(default=0)
    outcome = models.JSONField(default=dict, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.CharField(max_length=500, blank=True)

    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("tenant", "kind", "target"),
                condition=models.Q(state__in=sorted(LIVE_RUN_STATES)),
                name="one_live_run",
            ),
            models.UniqueConstraint(fields=("job", "slot"), name="one_run_a_slot"),
        )
        indexes = (
            models.Index("state", "not_before", name="run_due"),
            models.Index("state", "lease_until", name="run_lease"),
            models.Index("state", "urgency", "not_before", name="run_turn"),
            models.Index("rung_at", condition=models.Q(rung_at__isnull=False), name="run_rung"),
            models.Index(
                "cancel_asked_at",
                condition=models.Q(cancel_asked_at__isnull=False, ended_at__isnull=True),
                name="run_cancelling",
            ),
            models.Index("tenant", models.F("created_at").desc(), name="run_of_tenant"),
            models.Index(models.F("created_at").desc(), name="run_newest"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_RUN_STATES

    @property
    def is_waiting(self) -> bool:
        return self.state == RunState.QUEUED and self.not_before > timezone.now()


class RunEvent(models.Model):
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    level = models.CharField(max_length=8, choices=EventLevel, default=EventLevel.INFO)
    text = models.CharField(max_length=500)

    class Meta:
        indexes = (models.Index("run", "id", name="event_of_run"),)

    def __str__(self) -> str:
        return self.text

"""What the audit's rules say."""

from django.db import models
from django.utils import timezone

from tenants.choices import FindingState, RuleResult, Severity
from tenants.models.base import TenantQuerySet, UuidModel
from tenants.models.inventory import Resource
from tenants.models.runs import Run
from tenants.models.tenants import Tenant


class Finding(UuidModel):
    """One rule's verdict on one resource, from when it opened until it resolved by itself."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="findings")
    rule = models.CharField(max_length=16)
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="findings")
    severity = models.CharField(max_length=8, choices=Severity)
    state = models.CharField(max_length=8, choices=FindingState, default=FindingState.OPEN)
    summary = models.CharField(max_length=300)
    #: [{"path": "actions.token.accessTokenLifetimeMinutes", "value": 720}, …]
    evidence = models.JSONField(default=list)
    opened_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("tenant", "rule", "resource"), name="one_finding_a_resource"
            ),
        )
        indexes = (models.Index("tenant", "state", "severity", name="finding_of_tenant"),)

    def __str__(self) -> str:
        return f"{self.rule}: {self.summary}"


class RuleVerdict(models.Model):
    """What one rule came to over a whole tenant. Unknown is not a fail; it says what is missing."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="verdicts")
    rule = models.CharField(max_length=16)
    result = models.CharField(max_length=14, choices=RuleResult)
    reason = models.CharField(max_length=300, blank=True)
    checked_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    unknown_count = models.PositiveIntegerField(default=0)
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    evaluated_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("tenant", "rule"), name="one_verdict_a_rule"),
        )

    def __str__(self) -> str:
        return f"{self.rule} {self.result}"

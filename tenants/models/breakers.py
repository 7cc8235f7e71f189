"""Whether a tenant's org is worth calling at the moment."""

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from tenants.models.base import TenantQuerySet
from tenants.models.tenants import Tenant


class Breaker(models.Model):
    """One connection's recent luck. No row, or no ``open_until``: it works, as far as we know.

    While ``open_until`` lies ahead nobody calls the org. The first run after it is a trial, and for
    as long as its lease could last ``open_until`` lies ahead again for all others.
    """

    tenant = models.OneToOneField(
        Tenant, primary_key=True, on_delete=models.CASCADE, related_name="breaker"
    )
    #: Passing failures since the last success, and when the first and the last of them were.
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(default=timezone.now, db_default=Now())
    #: How often it has opened since the last success.
    opened_count = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(auto_now=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    open_until = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        indexes = (models.Index("failed_at", name="breaker_failed"),)

    def __str__(self) -> str:
        return f"breaker of {self.tenant_id}"

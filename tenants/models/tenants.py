"""Tenant: one customer and its one Okta org."""

from django.db import models
from django.utils import timezone

from tenants.choices import TenantState
from tenants.models.base import UuidModel


class Tenant(UuidModel):
    name = models.CharField(max_length=100)
    contact_email = models.EmailField()
    state = models.CharField(
        max_length=12, choices=TenantState, default=TenantState.INVITED, db_index=True
    )
    #: Stable code of what a human must do something about; empty when nothing.
    attention_code = models.CharField(max_length=40, blank=True)
    #: Okta's own id of the org (00o…). Hosts can be renamed, ids cannot.
    org_id = models.CharField(max_length=64, blank=True)
    host = models.CharField(max_length=255, blank=True)
    #: "idx" (Identity Engine) or "v1" (Classic), as the org itself says.
    engine = models.CharField(max_length=16, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    connected_at = models.DateTimeField(null=True, blank=True)
    #: What the tenant goes back to when it is resumed or restored.
    paused_from = models.CharField(max_length=12, choices=TenantState, blank=True)

    #: The customer paused it, and may resume it.
    paused_by_customer = models.BooleanField(default=False, db_default=False)
    #: We replace its secret by ourselves; needs ``okta.oauthIntegrations.manage``.
    rotates_itself = models.BooleanField(default=False, db_default=False)
    #: Of a deleted tenant: until then it can be restored, after that nothing of it is kept.
    forget_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index("name", "id", name="tenant_by_name"),)

    def __str__(self) -> str:
        return self.name

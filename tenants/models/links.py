"""The link by which a customer admin comes in."""

from django.db import models
from django.utils import timezone

from tenants.models.base import TenantQuerySet, UuidModel
from tenants.models.tenants import Tenant


class SetupLink(UuidModel):
    """An invitation. Only the hash of its 256-bit token is kept; opening it never uses it up."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="setup_links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("tenant",),
                condition=models.Q(revoked_at__isnull=True),
                name="one_live_link_per_tenant",
            ),
        )

    def __str__(self) -> str:
        return f"setup link of {self.tenant_id}"

    @property
    def is_usable(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

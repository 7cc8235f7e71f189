"""A tenant's client ID and where its sealed secret lies."""

from django.db import models
from django.utils import timezone

from tenants.choices import CredentialState
from tenants.models.base import TenantQuerySet, UuidModel
from tenants.models.tenants import Tenant


class Credential(UuidModel):
    """A client ID with a sealed secret.

    A new one starts as candidate, is proven against Okta, and only then becomes active; what was
    active until then retires. The first connect and every rotation go the same way.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="credentials")
    state = models.CharField(
        max_length=10, choices=CredentialState, default=CredentialState.CANDIDATE
    )
    host = models.CharField(max_length=255)
    org_id = models.CharField(max_length=64, blank=True)
    client_id = models.CharField(max_length=100)
    #: Counts a tenant's secrets, from one again when a tenant that had left comes back.
    version = models.PositiveIntegerField(default=1)
    #: Scopes that the proof showed to work, space-separated and sorted.
    scopes_granted = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    proven_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("tenant",),
                condition=models.Q(state=CredentialState.ACTIVE),
                name="one_active_credential",
            ),
            models.UniqueConstraint(
                fields=("tenant",),
                condition=models.Q(state=CredentialState.CANDIDATE),
                name="one_candidate_credential",
            ),
            # One integration of one org serves one tenant: two would mix their customers' data.
            models.UniqueConstraint(
                fields=("org_id", "client_id"),
                condition=models.Q(state=CredentialState.ACTIVE),
                name="one_tenant_per_integration",
            ),
            models.UniqueConstraint(fields=("tenant", "version"), name="credential_version"),
        )

    def __str__(self) -> str:
        return f"{self.client_id} ({self.state})"


class SealedSecret(UuidModel):
    """A sealed value, in a table of its own so that access to it can be granted apart.

    The seal is bound to tenant, ``field`` and ``owner_id``: moved to another row, it does not open.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    field = models.CharField(max_length=80)
    owner_id = models.UUIDField()
    sealed = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("field", "owner_id"), name="one_seal_per_field"),
        )

    def __str__(self) -> str:
        return f"{self.field} of {self.owner_id}"

"""How far the exchange of a secret by ourselves has come."""

from django.db import models
from django.utils import timezone

from tenants.choices import LIVE_ROTATION_STATES, RotationState
from tenants.models.base import TenantQuerySet, UuidModel
from tenants.models.credentials import Credential
from tenants.models.tenants import Tenant


class Rotation(UuidModel):
    """One exchange, committed before each thing that is asked of Okta.

    A worker may die at any moment. The next one reads here what may have been done, and in Okta
    what was.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="rotations")
    state = models.CharField(max_length=12, choices=RotationState, default=RotationState.ASKED)
    old = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="+")
    new = models.ForeignKey(Credential, null=True, on_delete=models.CASCADE, related_name="+")
    #: Okta's ids of the two secrets. Of the new one it is known once its value lies sealed here.
    old_okta_id = models.CharField(max_length=40)
    new_okta_id = models.CharField(max_length=40, blank=True)
    #: When Okta was, or was about to be, asked for the new one.
    asked_at = models.DateTimeField(default=timezone.now)
    #: When the new one came, and from when on the old one may go.
    sealed_at = models.DateTimeField(null=True, blank=True)
    retire_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("tenant",),
                condition=models.Q(state__in=sorted(LIVE_ROTATION_STATES)),
                name="one_live_rotation",
            ),
        )

    def __str__(self) -> str:
        return f"rotation {self.state}"

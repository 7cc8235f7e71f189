"""What a tenant's tokens were used for, for the customer to see."""

from django.db import models

from tenants.models.base import TenantQuerySet, UuidModel
from tenants.models.runs import Run
from tenants.models.tenants import Tenant


class TokenUse(UuidModel):
    """One hour of one purpose with one set of scopes.

    ``purpose`` is the kind of a run, ``call:`` and the operation's name for a call by hand, or
    ``token`` for a token that was handed to an operator.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="token_uses")
    hour = models.DateTimeField()
    purpose = models.CharField(max_length=100)
    #: Space-separated and sorted. All that an org has may be too long for an index.
    scopes = models.TextField()
    scopes_digest = models.CharField(max_length=32)
    #: Requests that were made with the tokens.
    requests = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    #: The last run of that hour; gone when the run is.
    last_run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    #: By how many seconds our clock was ahead of Okta's, where that was too much to be so.
    clock_off_s = models.IntegerField(null=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("tenant", "hour", "purpose", "scopes_digest"), name="one_token_use_an_hour"
            ),
        )
        indexes = (
            models.Index("hour", name="token_use_hour"),
            models.Index(
                "hour", condition=models.Q(clock_off_s__isnull=False), name="token_use_clock"
            ),
        )

    def __str__(self) -> str:
        return f"{self.purpose} at {self.hour:%Y-%m-%d %H}:00"

"""What holds for all tenants at once."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class FleetPause(models.Model):
    """While its one row is there, the schedule and all work rest, whoever it is for."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    since = models.DateTimeField(default=timezone.now)
    #: Who paused it, and why, for everybody who wonders.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(id=1), name="one_fleet_one_pause"),
        )

    def __str__(self) -> str:
        return self.reason

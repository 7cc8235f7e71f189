"""What worker processes say of themselves, for those who cannot ask them."""

from django.db import models

from tenants.models.base import UuidModel


class Worker(UuidModel):
    """One worker process, by its own last word. All moments are by the database's clock."""

    #: As in the marks of the runs it holds: ``place:pid:began``.
    mark = models.CharField(max_length=100, unique=True)
    host = models.CharField(max_length=60)
    pid = models.PositiveIntegerField()
    version = models.CharField(max_length=20)
    slots = models.PositiveSmallIntegerField()
    busy = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    #: It ended in good order, and holds nothing any more.
    ended_at = models.DateTimeField(null=True, blank=True)
    #: Its last tick, and the last that beat rang for; the others it began by itself.
    ticked_at = models.DateTimeField(null=True, blank=True)
    beaten_at = models.DateTimeField(null=True, blank=True)
    #: Since when it cannot reach Redis; None while it can.
    redis_away_at = models.DateTimeField(null=True, blank=True)
    #: What it has counted since it started, by the names of `tenants.figures`.
    figures = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = (models.Index("seen_at", name="worker_seen"),)

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class FiguresOfTheGone(models.Model):
    """What worker processes had counted whose rows are gone: without it, sums would shrink."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    figures = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(id=1), name="one_sum_of_the_gone"),
        )

    def __str__(self) -> str:
        return "figures of workers that are gone"

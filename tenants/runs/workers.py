"""Worker processes as the database knows them: their signs of life, and what these tell."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from socket import gethostname

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Max, Q, QuerySet, Value, When
from django.db.models.functions import Now

from tenants.figures import Figures, counted, less, summed
from tenants.models import FiguresOfTheGone, Worker
from tenants.runs import at_work, owners

#: Who has given no sign for so long counts as gone. Signs come every few seconds.
ALIVE_FOR = timedelta(seconds=30)
#: Without a tick for so many intervals, and so long, somebody other than beat should.
OVERDUE_TICKS, OVERDUE = 3, timedelta(seconds=5)
#: How long those that are gone are still shown: longer than any lease.
REMEMBERED_FOR = timedelta(hours=1)

_is_alive = Q(ended_at__isnull=True, seen_at__gte=Now() - ALIVE_FOR)
_LIVES = Case(When(_is_alive, then=Value(True)), default=Value(False))


class Liveness(StrEnum):
    """Of the worker that holds a run, as far as it can be told from here."""

    AT_WORK = "at work"
    GONE = "gone"
    UNKNOWN = "unknown"


class SignOfLife:
    """The row of this process, which it alone writes."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._mark = owners.this_process()
        #: Counted before the row was there: the last row was taken for gone, and added up.
        self._before: Figures = []
        self._told: Figures = []

    def give(self, *, redis_is_away: bool) -> None:
        """Write that we live, what we do and what we have counted."""
        figures = counted()
        self._write(figures, redis_is_away)
        self._told = figures

    def end(self) -> None:
        """The last word: whatever we held has been given back."""
        figures = less(counted(), self._before)
        ours = Worker.objects.filter(mark=self._mark)
        ours.update(ended_at=Now(), seen_at=Now(), busy=0, figures=figures)

    def _write(self, figures: Figures, redis_is_away: bool) -> None:
        still = Case(When(redis_away_at__isnull=True, then=Now()), default=F("redis_away_at"))
        values = {"seen_at": Now(), "busy": at_work.busy(), "figures": less(figures, self._before)}
        ours = Worker.objects.filter(mark=self._mark)
        if ours.update(**values, redis_away_at=still if redis_is_away else None):
            return
        self._before = self._told
        _, pid, _ = self._mark.split(":")
        Worker.objects.create(
            mark=self._mark,
            host=gethostname()[:60],
            pid=int(pid),
            version=settings.VERSION,
            slots=self._slots,
            started_at=Now(),
            redis_away_at=Now() if redis_is_away else None,
            **values | {"figures": less(figures, self._before)},
        )


def note_tick(*, by_beat: bool) -> None:
    """This process has ticked; ``by_beat`` when it was rung for."""
    moments = {"ticked_at": Now()} | ({"beaten_at": Now()} if by_beat else {})
    Worker.objects.filter(mark=owners.this_process()).update(**moments)


def overdue_after(at_least: timedelta) -> timedelta:
    """How long no tick may come: some intervals, and ``at_least`` so long."""
    return max(at_least, OVERDUE_TICKS * timedelta(seconds=settings.TICK_EVERY_S))


def tick_is_overdue(at_least: timedelta = OVERDUE) -> bool:
    """Whether no worker has ticked for longer than `overdue_after`."""
    return not Worker.objects.filter(ticked_at__gte=Now() - overdue_after(at_least)).exists()


def newest_first() -> "QuerySet[Worker]":
    """All workers that are remembered, with ``lives``."""
    return Worker.objects.annotate(lives=_LIVES).defer("figures").order_by("-lives", "-seen_at")


def living() -> "QuerySet[Worker]":
    return Worker.objects.filter(_is_alive)


def liveness(owner: str) -> Liveness:
    """Of whoever holds a run under the mark ``owner``.

    The row tells also of other machines, and of a process that is there but stands still.
    """
    if owners.is_gone(owner):
        return Liveness.GONE
    rows = Worker.objects.filter(mark=owners.process_of(owner))
    lives = rows.annotate(lives=_LIVES).values_list("lives", flat=True).first()
    if lives is None:
        return Liveness.UNKNOWN
    return Liveness.AT_WORK if lives else Liveness.GONE


def forget_the_gone() -> int:
    """Drop the rows of workers that have been gone for long, not what they counted."""
    gone = Worker.objects.filter(seen_at__lt=Now() - REMEMBERED_FOR)
    if not gone.exists():
        return 0
    with transaction.atomic():
        FiguresOfTheGone.objects.get_or_create(pk=1)
        base = FiguresOfTheGone.objects.select_for_update().get(pk=1)
        rows = list(gone.select_for_update())
        base.figures = summed([base.figures, *(row.figures for row in rows)])
        base.save()
        Worker.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def figures_of_all() -> Figures:
    """What all worker processes have counted, those that are gone too."""
    gone = FiguresOfTheGone.objects.values_list("figures", flat=True)
    return summed([*gone, *Worker.objects.values_list("figures", flat=True)])


@dataclass(frozen=True)
class LastMoments:
    """When any worker last ticked, and when one last did because beat rang."""

    ticked: datetime | None
    beaten: datetime | None


def last_moments() -> LastMoments:
    found = Worker.objects.aggregate(ticked=Max("ticked_at"), beaten=Max("beaten_at"))
    return LastMoments(**found)

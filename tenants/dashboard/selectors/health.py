"""How the machinery is doing, as far as the database knows: the web asks nobody else (ADR 0003)."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from tenants.figures import Figures
from tenants.keys.counts import sealed_counts
from tenants.keys.ring import keyring
from tenants.models import Breaker
from tenants.runs import status, workers
from tenants.runs.status import Breakers, QueueClass
from tenants.runs.workers import LastMoments
from tenants.vault.errors import KeyringError

if TYPE_CHECKING:
    from tenants.models import Worker

#: Ticks come every two seconds unless set otherwise, and somebody other than beat ticks after a few
#: that are missing.
TICK_LATE = timedelta(seconds=30)
SHUT_OFF_SHOWN = 20
WORKERS_SHOWN = 50


@dataclass(frozen=True)
class Redis:
    """What the workers that live say of it. ``told_by`` none of them: nobody knows."""

    told_by: int
    away_for: int
    away_at: datetime | None


@dataclass(frozen=True)
class Key:
    id: str
    sealed: int
    is_primary: bool


@dataclass(frozen=True)
class Broker:
    """Since the first worker: tokens by whence they came, and waits for our share of limits."""

    memory: int
    redis: int
    okta: int
    wait_count: int
    wait_s: float

    @property
    def kept_percent(self) -> int | None:
        """How many of 100 tokens need not be asked of Okta."""
        asked = self.memory + self.redis + self.okta
        return round(100 * (asked - self.okta) / asked) if asked else None


@dataclass(frozen=True)
class Health:
    queues: list[QueueClass]
    workers: "list[Worker]"
    last: LastMoments
    redis: Redis
    database_ms: float
    keys: list[Key]
    keys_are_away: bool
    broker: Broker
    breakers: Breakers
    shut_off: list[Breaker]
    schedule_late_s: float

    @property
    def oldest(self) -> QueueClass:
        """The class in which a run has been due for longest."""
        return max(self.queues, key=lambda queue: queue.age_s)

    @property
    def oldest_age_s(self) -> float | None:
        return self.oldest.age_s if self.oldest.due else None

    @property
    def alive(self) -> "list[Worker]":
        return [worker for worker in self.workers if worker.lives]  # type: ignore[attr-defined]

    @property
    def slots(self) -> int:
        return sum(worker.slots for worker in self.alive)

    @property
    def busy(self) -> int:
        return sum(worker.busy for worker in self.alive)

    @property
    def ticks_are_late(self) -> bool:
        return _is_late(self.last.ticked)

    @property
    def beat_is_late(self) -> bool:
        return _is_late(self.last.beaten)


def health() -> Health:
    database_ms = _database_ms()
    known = list(workers.newest_first()[:WORKERS_SHOWN])
    keys, keys_are_away = _keys()
    return Health(
        queues=status.queue_classes(),
        workers=known,
        last=workers.last_moments(),
        redis=_redis([worker for worker in known if worker.lives]),  # type: ignore[attr-defined]
        database_ms=database_ms,
        keys=keys,
        keys_are_away=keys_are_away,
        broker=_broker(workers.figures_of_all()),
        breakers=status.breakers(),
        shut_off=list(status.shut_off().select_related("tenant")[:SHUT_OFF_SHOWN]),
        schedule_late_s=status.schedule_late_s(),
    )


def _is_late(at: datetime | None) -> bool:
    return at is None or timezone.now() - at > workers.overdue_after(TICK_LATE)


def _database_ms() -> float:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return (time.perf_counter() - began) * 1000


def _redis(living: "list[Worker]") -> Redis:
    away = [worker.redis_away_at for worker in living if worker.redis_away_at]
    return Redis(told_by=len(living), away_for=len(away), away_at=min(away, default=None))


def _keys() -> tuple[list[Key], bool]:
    """Each key with what is sealed under it, the primary also when that is nothing."""
    counts = sealed_counts()
    try:
        primary = keyring().primary
    except KeyringError:
        primary = ""
    ids = sorted({*counts, primary} - {""})
    return [Key(id, counts.get(id, 0), id == primary) for id in ids], primary == ""


def _broker(figures: Figures) -> Broker:
    def value(wanted: str, source: str = "") -> float:
        matching = (
            value
            for name, labels, value in figures
            if name == wanted and labels.get("source", "") == source
        )
        return sum(matching)

    tokens = {
        source: int(value("oin_token_requests_total", source))
        for source in ("memory", "redis", "okta")
    }
    wait_count = int(value("oin_budget_wait_seconds_count"))
    return Broker(**tokens, wait_count=wait_count, wait_s=value("oin_budget_wait_seconds_sum"))

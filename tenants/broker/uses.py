"""The trace that every use of a token leaves for the customer, told by the hour.

The row is there before the token is handed out for the first time in an hour; how often it was used
follows when the work is put down. So a worker that dies owes a number and never a trace, and no
call to Okta waits for the database but the first of a slice.
"""

import hashlib
import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error, IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from tenants.models import TokenUse

#: Okta's clock and ours are never further apart than this unless one of them is wrong.
CLOCK_TOLERANCE_S = 60
#: The most that a row has room for: a date of Okta's may stand for any year.
CLOCK_OFF_AT_MOST_S = 2**31 - 1
#: At most so many old rows go in one tick.
BATCH = 1000

logger = logging.getLogger(__name__)


class TokenUses:
    """What one piece of work uses tokens of one tenant for.

    ``purpose`` as in `tenants.models.TokenUse`. Not for threads that share one.
    """

    def __init__(
        self,
        tenant_id: uuid.UUID,
        purpose: str,
        run_id: uuid.UUID | None = None,
        clock: Callable[[], datetime] = timezone.now,
    ) -> None:
        self._tenant_id = tenant_id
        self._purpose = purpose
        self._run_id = run_id
        self._clock = clock
        self._owed: dict[tuple[datetime, frozenset[str]], int] = {}
        self._told_clock = False

    def note(self, scopes: frozenset[str]) -> None:
        """A token of these scopes is about to be used; the first time in an hour that is a row.

        Raises:
            django.db.Error: there is no row, and so there must be no use.
        """
        use = (_hour_of(self._clock()), scopes)
        if use not in self._owed:
            self._write(*use, requests=1)
            self._owed[use] = 0
        else:
            self._owed[use] += 1

    def note_clock(self, off_s: float) -> None:
        """Our clock is so many seconds ahead of Okta's; told where it is more than it can be."""
        if abs(off_s) <= CLOCK_TOLERANCE_S or self._told_clock:
            return
        self._told_clock = True
        logger.warning("our clock and Okta's differ by %+.0f s", off_s)
        told_s = max(-CLOCK_OFF_AT_MOST_S, min(CLOCK_OFF_AT_MOST_S, round(off_s)))
        for hour, scopes in self._owed:
            self._row(hour, scopes).update(clock_off_s=told_s)

    def close(self) -> None:
        """Write what is owed. It is only a number, so trouble with the database stops nobody."""
        owed, self._owed = self._owed, {}
        try:
            for (hour, scopes), requests in owed.items():
                if requests:
                    self._write(hour, scopes, requests)
        except Error as exc:
            logger.warning("how often tokens were used is not written: %s", type(exc).__name__)

    def _write(self, hour: datetime, scopes: frozenset[str], requests: int) -> None:
        if not self._add(hour, scopes, requests):
            try:
                with transaction.atomic():
                    self._create(hour, scopes, requests)
            except IntegrityError:
                # Another worker was quicker by a moment, or the tenant or the run is gone.
                if not self._add(hour, scopes, requests):
                    raise

    def _add(self, hour: datetime, scopes: frozenset[str], requests: int) -> int:
        return self._row(hour, scopes).update(
            requests=F("requests") + requests, last_at=self._clock(), last_run=self._run_id
        )

    def _create(self, hour: datetime, scopes: frozenset[str], requests: int) -> None:
        now = self._clock()
        TokenUse.objects.create(
            tenant_id=self._tenant_id,
            hour=hour,
            purpose=self._purpose,
            scopes=_told(scopes),
            scopes_digest=_digest(scopes),
            requests=requests,
            first_at=now,
            last_at=now,
            last_run_id=self._run_id,
        )

    def _row(self, hour: datetime, scopes: frozenset[str]) -> "QuerySet[TokenUse]":
        return TokenUse.objects.filter(
            tenant=self._tenant_id,
            hour=hour,
            purpose=self._purpose,
            scopes_digest=_digest(scopes),
        )


def forget_old_uses() -> int:
    """Delete the oldest of what is more than ``TOKEN_USE_DAYS`` old; returns how many."""
    before = timezone.now() - timedelta(days=settings.TOKEN_USE_DAYS)
    old = TokenUse.objects.filter(hour__lt=before).order_by("hour").values_list("pk", flat=True)
    surplus = list(old[:BATCH])
    if surplus:
        TokenUse.objects.filter(pk__in=surplus).delete()
    return len(surplus)


def _hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _told(scopes: frozenset[str]) -> str:
    return " ".join(sorted(scopes))


def _digest(scopes: frozenset[str]) -> str:
    return hashlib.sha256(_told(scopes).encode()).hexdigest()[:32]

"""The health check of a worker's container."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from tenants.models import Worker
from tenants.runs import dispatch, workers
from tenants.runs.workers import SignOfLife

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - workers.ALIVE_FOR - timedelta(minutes=1)


def _alive() -> str:
    out = StringIO()
    call_command("alive", stdout=out)
    return out.getvalue()


def test_a_worker_that_ticks_is_alive() -> None:
    SignOfLife(slots=1).give(redis_is_away=False)
    dispatch.tick()

    assert _alive() == "Alive.\n"


@pytest.mark.parametrize("last", [{"seen_at": LONG_AGO}, {"host": "another"}])
def test_without_a_sign_from_this_host_it_is_not(last: dict[str, object]) -> None:
    SignOfLife(slots=1).give(redis_is_away=False)
    dispatch.tick()
    Worker.objects.update(**last)

    with pytest.raises(SystemExit, match="sign of life"):
        _alive()


def test_where_ticks_come_seldom_it_waits_for_the_next(settings: Any) -> None:
    settings.TICK_EVERY_S = 60
    SignOfLife(slots=1).give(redis_is_away=False)
    dispatch.tick()
    Worker.objects.update(ticked_at=timezone.now() - timedelta(seconds=59))

    assert _alive() == "Alive.\n"


def test_without_ticks_it_is_not() -> None:
    SignOfLife(slots=1).give(redis_is_away=False)

    with pytest.raises(SystemExit, match="ticked"):
        _alive()

"""What workers leave in the database, and what others read from it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants import figures
from tenants.models import FiguresOfTheGone, Worker
from tenants.runs import at_work, dispatch, owners, workers
from tenants.runs.workers import Liveness, SignOfLife, liveness

pytestmark = pytest.mark.django_db

#: Of a process on a machine that we cannot look into.
ELSEWHERE = "far.0123456789ab:12:3456"
OWNER = f"{ELSEWHERE}:serial"


def _worker(*, seen_ago: timedelta = timedelta(0), **fields: object) -> Worker:
    at = timezone.now() - seen_ago
    row = {"mark": ELSEWHERE, "host": "far", "pid": 12, "version": "1", "slots": 8}
    return Worker.objects.create(started_at=at, seen_at=at, **row | fields)


def _total(name: str) -> float:
    return sum(sample.value for sample in workers.figures_of_all() if sample.name == name)


def test_a_process_leaves_one_row_however_often_it_gives_signs() -> None:
    sign = SignOfLife(slots=8)
    with at_work.slot_taken():
        sign.give(redis_is_away=False)
        sign.give(redis_is_away=True)

    row = Worker.objects.get()
    assert (row.slots, row.busy, row.ended_at) == (8, 1, None)
    assert owners.new_mark().startswith(f"{row.mark}:")
    assert row.redis_away_at is not None


def test_since_when_redis_is_away_is_kept_until_it_is_back() -> None:
    sign = SignOfLife(slots=8)
    sign.give(redis_is_away=True)
    long_ago = timezone.now() - timedelta(minutes=5)
    Worker.objects.update(redis_away_at=long_ago)

    sign.give(redis_is_away=True)
    still = Worker.objects.get().redis_away_at
    sign.give(redis_is_away=False)

    assert still == long_ago
    assert Worker.objects.get().redis_away_at is None


def test_a_process_that_ends_in_good_order_says_so() -> None:
    sign = SignOfLife(slots=8)
    sign.give(redis_is_away=False)

    sign.end()

    assert Worker.objects.get().ended_at
    assert not workers.living().exists()


@pytest.mark.parametrize(
    ("seen_ago", "fields", "expected"),
    [
        (timedelta(0), {}, Liveness.AT_WORK),
        (workers.ALIVE_FOR + timedelta(seconds=1), {}, Liveness.GONE),
        (timedelta(0), {"ended_at": timezone.now()}, Liveness.GONE),
        (timedelta(0), {"mark": "another"}, Liveness.UNKNOWN),
    ],
    ids=["seen", "silent", "ended", "never heard of"],
)
def test_a_worker_elsewhere_is_judged_by_its_row(
    seen_ago: timedelta, fields: dict[str, object], expected: Liveness
) -> None:
    _worker(seen_ago=seen_ago, **fields)

    assert liveness(OWNER) is expected


def test_a_process_of_this_machine_that_is_not_there_is_gone_whatever_its_row_says() -> None:
    mark = f"{owners.this_place()}:999999999:1"
    _worker(mark=mark)

    assert liveness(f"{mark}:serial") is Liveness.GONE


def test_a_tick_is_noted_with_who_began_it() -> None:
    SignOfLife(slots=1).give(redis_is_away=False)

    dispatch.tick()
    by_itself = Worker.objects.get()
    dispatch.tick(by_beat=True)
    by_beat = Worker.objects.get()

    assert by_itself.ticked_at
    assert by_itself.beaten_at is None
    assert by_beat.beaten_at == by_beat.ticked_at
    assert not workers.tick_is_overdue(timedelta(seconds=10))


def test_a_tick_is_overdue_when_no_worker_has_ticked() -> None:
    _worker(ticked_at=timezone.now() - timedelta(seconds=11))

    assert workers.tick_is_overdue(timedelta(seconds=10))


def test_what_the_gone_have_counted_stays_in_the_sum() -> None:
    long_ago = workers.REMEMBERED_FOR + timedelta(minutes=1)
    counted = [["oin_lease_losses_total", {}, 3.0], ["oin_doorbells_total", {"found": "work"}, 5]]
    _worker(seen_ago=long_ago, figures=counted)
    _worker(seen_ago=long_ago, figures=counted, mark="another")
    _worker(figures=counted, mark="a third")

    forgotten = workers.forget_the_gone()

    assert forgotten == 2
    assert Worker.objects.get().mark == "a third"
    assert _total("oin_lease_losses_total") == 9
    assert _total("oin_doorbells_total") == 15


def test_a_process_that_was_forgotten_while_it_was_frozen_counts_nothing_twice() -> None:
    sign = SignOfLife(slots=1)
    figures.lease_losses.inc(2)
    sign.give(redis_is_away=False)
    before = _total("oin_lease_losses_total")
    Worker.objects.update(seen_at=timezone.now() - 2 * workers.REMEMBERED_FOR)
    workers.forget_the_gone()

    figures.lease_losses.inc()
    sign.give(redis_is_away=False)
    sign.give(redis_is_away=False)

    assert FiguresOfTheGone.objects.exists()
    assert _total("oin_lease_losses_total") == before + 1


def test_forgetting_costs_one_query_while_nobody_is_gone(django_assert_num_queries) -> None:
    _worker()

    with django_assert_num_queries(1):
        workers.forget_the_gone()

import time

import pytest

from tenants.okta.limits import Seen, Window, read_window, wait_after_429
from tenants.okta.operations import Bucket
from tests.okta.fakes import NOON, NOON_S, limits, reply


def test_the_wait_counts_from_oktas_own_clock():
    assert read_window(reply(date=NOON, **limits(100, 7, 48))) == Window(100, 7, 49.0)


@pytest.mark.parametrize(
    ("reset_in", "wait"), [(0, 1), (-3600, 1), (59, 60), (119, 120), (10_000_000, 120)]
)
def test_a_wait_is_never_under_a_second_nor_over_two_minutes(reset_in, wait):
    assert wait_after_429(reply(status=429, **limits(100, 0, reset_in))) == wait


def test_of_repeated_headers_the_tightest_counts():
    answer = reply(
        x_rate_limit_limit=["600", "100"],
        x_rate_limit_remaining="500, 3",
        x_rate_limit_reset=[str(NOON_S + 50), str(NOON_S + 20)],
    )

    assert read_window(answer) == Window(100, 3, 21.0)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_rate_limit_limit": "100"},
        {**limits(100, 0, 8), "x_rate_limit_reset": "soon"},
        {**limits(100, 0, 8), "x_rate_limit_reset": ""},
        {**limits(100, 0, 8), "x_rate_limit_reset": "-5"},
        {**limits(100, 0, 8), "x_rate_limit_remaining": "9" * 5000},
        {**limits(100, 0, 8), "x_rate_limit_remaining": "٣"},
    ],
    ids=["none", "one", "word", "empty", "negative", "enormous", "other digits"],
)
def test_without_usable_headers_the_wait_is_half_a_minute(headers):
    assert wait_after_429(reply(status=429, **headers)) == 30


def test_too_many_at_once_waits_only_seconds():
    waits = {wait_after_429(reply(status=429, **limits(0, 0, 60))) for _ in range(20)}

    assert all(1 <= wait <= 5 for wait in waits)
    assert len(waits) > 1


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_without_a_date_our_own_clock_serves(date):
    answer = reply(
        date=date, **{**limits(100, 0, 0), "x_rate_limit_reset": str(int(time.time()) + 30)}
    )

    assert 29 <= wait_after_429(answer) <= 32


def test_a_bucket_with_a_tenth_left_is_the_customers_until_it_resets():
    now = 1000.0
    seen = Seen(clock=lambda: now)

    seen.note(Bucket.APPS, reply(**limits(100, 10, 29)))

    assert seen.wait(Bucket.APPS) == 30
    assert seen.wait(Bucket.API) == 0
    now += 30
    assert seen.wait(Bucket.APPS) == 0


def test_a_bucket_that_filled_up_again_is_ours_again():
    seen = Seen()
    seen.note(Bucket.APPS, reply(**limits(100, 0, 50)))

    seen.note(Bucket.APPS, reply(**limits(100, 99, 50)))

    assert seen.wait(Bucket.APPS) == 0


def test_an_answer_without_limits_changes_nothing():
    seen = Seen()
    seen.note(Bucket.APPS, reply(**limits(100, 0, 50)))

    seen.note(Bucket.APPS, reply())

    assert seen.wait(Bucket.APPS) > 0

import time

import pytest

from tenants.okta.limits import (
    Lesson,
    Window,
    allowance,
    lesson_of,
    read_window,
    wait_after_429,
)
from tests.okta.fakes import NOON, NOON_S, limits, refusal, reply


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


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Fri, 20 Nov 2026 12:00:00 +99999999999999"], ids=repr
)
def test_without_a_date_our_own_clock_serves(date):
    answer = reply(
        date=date, **{**limits(100, 0, 0), "x_rate_limit_reset": str(int(time.time()) + 30)}
    )

    assert 29 <= wait_after_429(answer) <= 32


@pytest.mark.parametrize(
    ("limit", "every", "background"),
    [(1, 1, 1), (4, 1, 1), (5, 2, 1), (10, 4, 3), (100, 40, 32), (1200, 480, 384)],
)
def test_two_fifths_of_a_limit_are_ours_and_a_fifth_of_that_is_for_people(limit, every, background):
    ours = allowance(limit, 0.4)

    assert (ours.every, ours.background) == (every, background)
    assert (ours.of(interactive=True), ours.of(interactive=False)) == (every, background)


def test_an_answer_with_room_left_announces_and_holds_nobody():
    assert lesson_of(reply(**limits(100, 11, 29))) == Lesson(100, 30.0)


@pytest.mark.parametrize(
    ("status", "remaining"), [(200, 10), (200, 0), (429, 0), (429, 50)], ids=str
)
def test_a_spent_window_holds_everybody_until_it_ends(status, remaining):
    answer = reply(status=status, **limits(100, remaining, 29))

    assert lesson_of(answer) == Lesson(100, 30.0, hold_s=30.0)


def test_a_429_that_announces_nothing_holds_for_half_a_minute():
    assert lesson_of(reply(status=429)) == Lesson(hold_s=30.0)


@pytest.mark.parametrize("answer", [None, reply(), reply(status=503)], ids=["lost", "200", "503"])
def test_other_answers_that_announce_nothing_teach_nothing(answer):
    assert lesson_of(answer) == Lesson()


def test_too_many_at_once_holds_only_seconds_and_says_nothing_of_the_window():
    lessons = [lesson_of(reply(status=429, **limits(0, 0, 60))) for _ in range(20)]

    assert all(1 <= lesson.hold_s <= 5 for lesson in lessons)
    assert {(lesson.crowded, lesson.limit) for lesson in lessons} == {(True, None)}


def test_what_a_slow_answer_says_may_be_over():
    assert lesson_of(reply(**limits(100, 50, 29)), took_s=21) == Lesson()
    assert lesson_of(reply(status=429, **limits(100, 0, 29)), took_s=21) == Lesson(hold_s=30.0)


def test_too_many_at_once_needs_no_reset_to_be_understood():
    answer = refusal(429, "E0000047", x_rate_limit_limit="0", x_rate_limit_remaining="0")

    assert 1 <= wait_after_429(answer) <= 5
    assert lesson_of(answer).crowded

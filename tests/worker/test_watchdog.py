"""When a worker is of no use any more, and when it only looks so."""

import pytest

from tenants.runs import at_work
from tenants.worker import pulse
from tenants.worker.watchdog import STUCK_S, Watchdog
from tests.worker.conftest import beat_once

SILENCE_S = 90


@pytest.fixture
def watchdog() -> Watchdog:
    return Watchdog(SILENCE_S, slots=1)


def test_a_worker_that_hears_itself_is_fine(watchdog: Watchdog) -> None:
    for _ in range(100):
        assert watchdog.verdict(ran_s=60) == ""
        watchdog.heard()


def test_a_worker_that_is_asked_and_hears_nothing_must_end(watchdog: Watchdog) -> None:
    assert watchdog.verdict(ran_s=SILENCE_S) == ""

    assert watchdog.verdict(ran_s=1) == "no message came through for 91 s"


def test_a_worker_without_a_free_slot_need_not_hear(watchdog: Watchdog) -> None:
    with at_work.slot_taken():
        for _ in range(20):
            at_work.moved()

            assert watchdog.verdict(ran_s=60) == ""


def test_a_slice_that_never_moves_again_ends_its_worker(watchdog: Watchdog) -> None:
    with at_work.slot_taken():
        assert watchdog.verdict(ran_s=STUCK_S) == ""

        assert watchdog.verdict(ran_s=1) == "a slice has not moved for 300 s"


def test_a_slice_whose_steps_are_slow_does_not(watchdog: Watchdog) -> None:
    with at_work.slot_taken():
        for _ in range(10):
            assert watchdog.verdict(ran_s=STUCK_S / 2) == ""
            at_work.moved()


def test_a_slot_that_was_given_back_is_forgotten() -> None:
    with at_work.slot_taken():
        at_work.grow_still(STUCK_S)

    assert at_work.busy() == 0
    assert at_work.grow_still(1) == 0


@pytest.mark.django_db(transaction=True)
def test_a_tick_that_fails_each_time_keeps_no_stuck_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []

    def fail() -> None:
        raise LookupError

    monkeypatch.setattr(pulse, "end_process", ended.append)
    monkeypatch.setattr(Watchdog, "verdict", lambda watchdog, ran_s: "stuck")

    beat_once(monkeypatch, tick=fail)

    assert ended == ["stuck"]

"""A run whose worker died on this machine is free at the next tick, not when its lease ends."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tenants.choices import RunState
from tenants.models import Run
from tenants.runs import dispatch, owners
from tenants.runs.leases import LeaseLost, claim, claimable
from tenants.runs.owners import is_gone, new_mark, this_place
from tests.runs.conftest import fresh
from tests.worker.conftest import beat_once

MARKS = "from tenants.runs.owners import new_mark; print(new_mark(), flush=True); input()"


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[str]]:
    """Another process, waiting; what it printed first is its mark."""
    process = subprocess.Popen(
        [sys.executable, "-c", MARKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    process.communicate()


def mark_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_a_living_process_is_not_gone(worker: subprocess.Popen[str]) -> None:
    assert not is_gone(mark_of(worker))
    assert not is_gone(new_mark())


def test_a_killed_process_is_gone_even_before_its_parent_has_noticed(
    worker: subprocess.Popen[str],
) -> None:
    mark = mark_of(worker)

    worker.kill()
    os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)

    assert is_gone(mark)


def test_a_process_that_got_the_id_of_a_dead_one_is_another() -> None:
    place, pid, _, serial = new_mark().split(":")

    assert is_gone(f"{place}:{pid}:1:{serial}")


@pytest.mark.parametrize(
    "mark",
    [
        "",
        "elsewhere.0123456789ab:1:2:x",
        f"{this_place()}",
        f"{this_place()}:x:1:y",
        "host:123:abc",
    ],
)
def test_of_a_process_that_cannot_be_seen_nothing_is_said(mark: str) -> None:
    assert not is_gone(mark)


def test_a_mark_fits_its_column() -> None:
    assert len(new_mark()) < 120


@pytest.mark.django_db(transaction=True)
def test_the_tick_frees_what_a_dead_worker_held(queued: Run, worker: subprocess.Popen[str]) -> None:
    lease = claim(queued.pk)
    Run.objects.filter(pk=queued.pk).update(owner=mark_of(worker))
    dispatch.tick()
    assert queued not in claimable()

    worker.kill()
    worker.wait()
    dispatch.tick()

    assert queued in claimable()
    assert claim(queued.pk)
    assert lease
    with pytest.raises(LeaseLost):
        lease.renew()
    assert fresh(queued).state == RunState.RUNNING


@pytest.mark.django_db(transaction=True)
def test_each_worker_of_the_machine_frees_it_though_ticks_come_to_other_machines(
    queued: Run, worker: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    claim(queued.pk)
    Run.objects.filter(pk=queued.pk).update(owner=mark_of(worker))
    worker.kill()
    worker.wait()

    beat_once(monkeypatch)

    assert queued in claimable()


@pytest.mark.django_db(transaction=True)
def test_the_tick_frees_what_this_process_could_not_give_back(queued: Run) -> None:
    lease = claim(queued.pk)
    assert lease
    owners.lay_down(lease.owner)
    assert queued not in claimable()

    dispatch.tick()

    assert queued in claimable()


@pytest.mark.django_db(transaction=True)
def test_the_tick_leaves_alone_what_this_process_works_at(queued: Run) -> None:
    claim(queued.pk)

    dispatch.tick()

    assert queued not in claimable()


@pytest.mark.django_db(transaction=True)
def test_marks_that_no_run_carries_are_not_kept(queued: Run) -> None:
    owners.lay_down(new_mark())

    dispatch.tick()

    assert not owners._laid_down

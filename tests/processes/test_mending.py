"""Children that end are started again, with patience, but not for ever."""

import errno
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from oin_service import processes as supervising
from oin_service.processes import ChildDied, Processes
from tests.processes.test_processes import SLEEP, eventually, python, started_pid

PAUSES_S = (0.05, 0.1, 0.2)


@pytest.fixture
def processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    monkeypatch.setattr(supervising, "PAUSES_S", PAUSES_S)
    with Processes(tmp_path) as processes:
        yield processes


def _told(processes: Processes) -> Callable[[], list[str]]:
    """What ``mend`` has told so far, each time it is asked."""
    told: list[str] = []

    def ask() -> list[str]:
        told.extend(processes.mend())
        return told

    return ask


def test_a_lasting_child_that_was_killed_starts_again(tmp_path: Path, processes: Processes) -> None:
    file = tmp_path / "pids"
    code = f"import os, time; open({str(file)!r}, 'a').write(f'{{os.getpid()}} '); time.sleep(60)"
    processes.start("worker", python(code), lasting=True, ready=file.exists)
    assert eventually(lambda: file.read_text() != "")

    os.kill(int(file.read_text()), signal.SIGKILL)
    told = _told(processes)

    assert eventually(lambda: bool(told()))
    assert told()[0].startswith("worker ended with code 137; it starts again in 0.05 s.")
    assert eventually(lambda: told() != [] and len(file.read_text().split()) == 2)
    assert len(told()) == 1


def test_a_child_that_ends_at_once_each_time_is_given_up_with_its_last_words(
    processes: Processes,
) -> None:
    processes.start("worker", python("exit('no such table')"), lasting=True)
    told = []

    with pytest.raises(ChildDied) as died:  # noqa: PT012  (until it raises)
        while True:
            told += processes.mend()
            time.sleep(0.01)

    assert len(told) == len(PAUSES_S)
    assert "for the 4th time in a row" in str(died.value)
    assert died.value.last_lines == ["no such table"]


def test_a_child_that_lived_for_long_has_all_its_tries_again(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "STEADY_S", 0.0)
    processes.start("worker", python("exit(3)"), lasting=True)
    told = _told(processes)

    assert eventually(lambda: len(told()) > 2 * len(PAUSES_S))


def test_nothing_is_told_while_all_live(processes: Processes) -> None:
    processes.start("worker", SLEEP, lasting=True)

    assert processes.mend() == []


def test_another_child_that_ends_ends_everything(processes: Processes) -> None:
    processes.start("worker", SLEEP, lasting=True)
    processes.start("sandbox", python("exit(1)"))

    with pytest.raises(ChildDied, match="sandbox"):  # noqa: PT012  (until it raises)
        while True:
            processes.mend()
            time.sleep(0.01)


def test_what_ends_before_it_was_ready_is_not_tried_again(processes: Processes) -> None:
    with pytest.raises(ChildDied):
        processes.start("web", python("exit(1)"), ready=lambda: False, lasting=True)


def test_a_child_that_was_started_again_ends_with_the_others(
    tmp_path: Path, processes: Processes
) -> None:
    pid = started_pid(processes, tmp_path, "import time; time.sleep(60)")
    processes._children["child"].lasting = True
    os.kill(pid, signal.SIGKILL)
    file = tmp_path / "child.pid"
    file.write_text("")
    assert eventually(lambda: processes.mend() == [] and file.read_text() != "")

    processes.stop()

    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text()), 0)


def _runs(processes: Processes) -> bool:
    try:
        processes.check()
    except ChildDied:
        return False
    return True


def test_a_child_that_cannot_be_started_for_a_while_is_tried_again(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes.start("worker", python("exit(1)"), lasting=True)
    told = _told(processes)
    spawn = subprocess.Popen
    refusals = [OSError(errno.ENOMEM, "Cannot allocate memory")]

    def spawn_if_there_is_memory(*args: Any, **options: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return spawn([*args[0][:5], *SLEEP], **options)

    assert eventually(lambda: told() != [])
    monkeypatch.setattr(subprocess, "Popen", spawn_if_there_is_memory)

    assert eventually(lambda: len(told()) == 2)
    assert told()[1].startswith("worker did not start (Cannot allocate memory); it starts again in")
    assert eventually(lambda: bool(told()) and not refusals and _runs(processes))


def test_a_child_that_can_never_be_started_is_given_up(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes.start("worker", python("exit(1)"), lasting=True)

    def refuse(path: Path, *args: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ChildDied, match="did not start"):  # noqa: PT012  (until it raises)
        assert eventually(lambda: processes.mend() != [])
        monkeypatch.setattr(Path, "open", refuse)
        while True:
            processes.mend()
            time.sleep(0.01)

"""Real children throughout: what is tested here is what the operating system does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oin_service.processes import ChildDied, ChildNotReady, Processes, end_on_signals

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_S = 10


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def is_alive(pid: int) -> bool:
    """A zombie counts as gone: it waits for a parent that is not ours to hurry."""
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)],  # noqa: S607 -- wherever this machine has it
        capture_output=True,
        text=True,
    ).stdout.strip()
    return bool(state) and not state.startswith("Z")


def started_pid(processes: Processes, home: Path, code: str, name: str = "child") -> int:
    """Start Python code that writes its pid to a file, and wait for the file."""
    file = home / f"{name}.pid"
    tell = f"import os, pathlib; pathlib.Path({str(file)!r}).write_text(str(os.getpid()))\n"
    processes.start(
        name, python(tell + code), ready=lambda: file.exists() and bool(file.read_text())
    )
    return int(file.read_text())


def test_output_of_a_child_goes_to_its_own_log(tmp_path):
    with Processes(tmp_path) as processes:
        processes.run("greeter", python("print('hello')"))

    assert (tmp_path / "logs/greeter.log").read_text() == "hello\n"


def test_the_log_of_the_start_before_is_kept(tmp_path):
    with Processes(tmp_path) as processes:
        processes.run("greeter", python("print('first')"))
        processes.run("greeter", python("print('second')"))

    assert (tmp_path / "logs/greeter.log.1").read_text() == "first\n"


def test_start_waits_until_the_child_is_ready(tmp_path):
    ready = tmp_path / "ready"
    code = f"import pathlib, time; pathlib.Path({str(ready)!r}).touch(); time.sleep(60)"

    with Processes(tmp_path) as processes:
        processes.start("server", python(code), ready=ready.exists)

        assert ready.exists()


def test_a_child_that_ends_before_it_is_ready_is_named_with_its_last_words(tmp_path):
    with Processes(tmp_path) as processes, pytest.raises(ChildDied) as died:
        processes.start("server", python("exit('no such table')"), ready=lambda: False)

    assert died.value.name == "server"
    assert died.value.last_lines == ["no such table"]
    assert "ended with code 1" in str(died.value)


def test_a_child_that_never_answers_is_named(tmp_path):
    with Processes(tmp_path) as processes, pytest.raises(ChildNotReady, match="server"):
        processes.start("server", SLEEP, ready=lambda: False, timeout_s=0.1)


def test_check_is_silent_while_all_children_live(tmp_path):
    with Processes(tmp_path) as processes:
        processes.start("server", SLEEP)

        processes.check()


def test_check_names_the_child_that_died(tmp_path):
    def died() -> bool:
        try:
            processes.check()
        except ChildDied as error:
            return error.name == "weak"
        return False

    with Processes(tmp_path) as processes:
        processes.start("strong", SLEEP)
        processes.start("weak", python("exit(3)"))

        assert eventually(died)


def test_run_raises_when_the_command_fails(tmp_path):
    with Processes(tmp_path) as processes, pytest.raises(ChildDied, match="code 3"):
        processes.run("migrate", python("exit(3)"))


def test_a_child_sees_the_environment_it_was_given_and_no_other(tmp_path):
    show = python(
        "import os; print(os.environ.get('A'), os.environ.get('B'), os.environ.get('HOME'))"
    )

    with Processes(tmp_path, {"A": "ours"}) as processes:
        processes.run("show", show, env={"B": "its own"})

    assert (tmp_path / "logs/show.log").read_text() == "ours its own None\n"


def test_leaving_stops_every_child(tmp_path):
    with Processes(tmp_path) as processes:
        pids = [started_pid(processes, tmp_path, "import time; time.sleep(60)", n) for n in "ab"]

    assert not any(is_alive(pid) for pid in pids)


def test_children_stop_in_reverse_order(tmp_path):
    order = tmp_path / "order"
    code = """
import pathlib, signal, sys, time
def end(*_):
    with open({order!r}, "a") as file:
        file.write({name!r})
    sys.exit()
signal.signal(signal.SIGTERM, end)
pathlib.Path({ready!r}).touch()
time.sleep(60)
"""

    with Processes(tmp_path) as processes:
        for name in ("first", "second"):
            ready = tmp_path / name
            filled = code.format(order=str(order), name=f"{name} ", ready=str(ready))
            processes.start(name, python(filled), ready=ready.exists)

    assert order.read_text() == "second first "


def test_a_child_that_ignores_the_request_to_end_is_killed(tmp_path):
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    tell = f"open({str(tmp_path / 'deaf')!r}, 'w').close(); time.sleep(60)"

    with Processes(tmp_path, grace_s=0.2) as processes:
        pid = started_pid(processes, tmp_path, stubborn + tell)
        assert eventually((tmp_path / "deaf").exists)

    assert not is_alive(pid)


def test_grandchildren_do_not_outlive_a_child(tmp_path):
    file = tmp_path / "grandchild"
    code = (
        "import subprocess, sys, pathlib, time\n"
        "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(file)!r}).write_text(str(inner.pid)); time.sleep(60)"
    )

    with Processes(tmp_path) as processes:
        processes.start(
            "parent", python(code), ready=lambda: file.exists() and file.read_text() != ""
        )

    assert eventually(lambda: not is_alive(int(file.read_text())))


SUPERVISOR = """
import pathlib, sys, time
from oin_service.processes import Processes, end_on_signals

end_on_signals()
home, pid_file = map(pathlib.Path, sys.argv[1:])
tell = f"import os, pathlib, time; pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))"
deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
with Processes(home, grace_s=1) as processes:
    processes.start("child", [sys.executable, "-c", deaf + tell + "; time.sleep(60)"])
    time.sleep(60)
"""


@pytest.fixture
def supervisor(tmp_path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that supervises a child which is in no hurry to end."""
    file = tmp_path / "pid"
    started = subprocess.Popen(
        [*python(SUPERVISOR), tmp_path, file],
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        start_new_session=True,
    )
    assert eventually(lambda: file.exists() and file.read_text() != "")
    yield started
    started.kill()
    started.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_child_outlives_its_supervisor(tmp_path, supervisor, number):
    supervisor.send_signal(number)
    supervisor.wait(PATIENCE_S)

    assert eventually(lambda: not is_alive(int((tmp_path / "pid").read_text())))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_from_the_terminal_leaves_no_orphan(tmp_path, supervisor, number):
    os.killpg(supervisor.pid, number)
    supervisor.wait(PATIENCE_S)

    assert eventually(lambda: not is_alive(int((tmp_path / "pid").read_text())))


def test_a_second_interrupt_leaves_no_orphan_either(tmp_path, supervisor):
    supervisor.send_signal(signal.SIGINT)
    time.sleep(0.2)  # it now waits for the child to use up its grace
    supervisor.send_signal(signal.SIGINT)
    supervisor.wait(PATIENCE_S)

    assert eventually(lambda: not is_alive(int((tmp_path / "pid").read_text())))


def test_an_interrupt_counts_also_where_a_script_made_us_ignore_it():
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    end_on_signals()

    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    for number, handler in before.items():
        signal.signal(number, handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)

"""``manage.py serve`` as its own process: the real thing, on a home of its own."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from oin_service.ports import LOOPBACK, free_port, page_answers, port_is_free

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_S = 40


@pytest.fixture
def serve(tmp_path):
    """Start the command with words of ours; whatever a test leaves running is stopped."""
    environment = {"PATH": os.environ["PATH"], "HUB_HOME": str(tmp_path / "var")}
    started = []

    def start(*words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", "serve", *words]
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=environment | {"SECRET_KEY": "only for this test"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.communicate()


def test_it_serves_pages_until_it_is_interrupted_and_leaves_nothing_running(serve, tmp_path):
    port = free_port()
    process = serve("--port", str(port))
    deadline = time.monotonic() + PATIENCE_S
    while not page_answers(port, "/readyz") and time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)

    assert page_answers(port, "/accounts/login/")
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=PATIENCE_S)

    assert (process.returncode, errors) == (0, "")
    assert str(tmp_path / "var/keys") in output
    assert "Back up" in output
    assert f"http://{LOOPBACK}:{port}" in output
    assert port_is_free(port)


def test_a_worker_that_is_killed_is_started_again(serve, tmp_path):
    process = serve("--port", str(free_port()))
    first = _awaited_worker(tmp_path / "var/db.sqlite3", besides=0)

    os.kill(first, signal.SIGKILL)
    second = _awaited_worker(tmp_path / "var/db.sqlite3", besides=first)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=PATIENCE_S)

    assert second != first
    assert "worker ended with code 137; it starts again in 1 s." in output
    assert (process.returncode, errors) == (0, "")


def _awaited_worker(database: Path, besides: int) -> int:
    """The process id of a worker that has given a sign of life."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(database)) as rows:
            found = rows.execute("SELECT pid FROM tenants_worker WHERE pid != ?", [besides])
            if pid := found.fetchone():
                return int(pid[0])
        time.sleep(0.1)
    raise AssertionError("no worker gave a sign of life")


def test_a_busy_port_is_one_sentence(serve):
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        process = serve("--port", str(port))
        _, errors = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 1
    assert (
        errors == f"Port {port} is in use by another program. Name another one: PORT={port + 1}\n"
    )


def test_what_is_no_port_is_refused_with_a_sentence(serve):
    process = serve("--port", "http")
    _, errors = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 2
    assert "'http' is no port: give a number from 1 to 65535" in errors

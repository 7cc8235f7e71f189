"""``manage.py demo`` as a newcomer runs it: real processes, real sockets, the whole story."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oin_service.ports import free_port, port_is_free

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def demo(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    # Around us stands a test run with settings of its own, as somebody's real ones might.
    command = [sys.executable, "manage.py", "demo", *arguments]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"HUB_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_the_story_ends_well_and_says_so_in_one_line_of_json(tmp_path: Path) -> None:
    with demo(tmp_path, "--once") as process:
        output, _ = process.communicate(timeout=120)

    told = json.loads(output.splitlines()[-1])
    assert process.returncode == 0, output
    assert told["tenants_connected"] == 3
    assert told["resources"]["app"] > 300
    assert sum(told["findings"].values()) >= 10
    assert told["tokens_requested"] >= 4
    assert "refused: Okta did not accept the client secret" in output
    assert "scheduled sync saw: “Renamed in Okta” changed" in output


def test_it_serves_until_interrupted_and_leaves_no_process_and_no_secret(tmp_path: Path) -> None:
    port = free_port()
    with demo(tmp_path, "--port", str(port)) as process:
        told = _read_until(process, "Setup link")
        credentials = json.loads((tmp_path / "demo/sandbox/credentials.json").read_text())
        served = not port_is_free(port)
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)

    assert served, told
    assert port_is_free(port)
    assert port_is_free(credentials["port"])
    assert "Stopped." in rest
    secrets = [org["client_secret"] for org in credentials["orgs"]]
    assert len(secrets) == 4
    written = [path.read_bytes() for path in (tmp_path / "demo").rglob("*") if path.is_file()]
    for secret in secrets:
        assert secret not in told + rest
        assert not any(secret.encode() in content for content in written)


def test_what_it_prints_for_calls_by_hand_works_as_it_stands(tmp_path: Path) -> None:
    home = tmp_path / "it's here"
    with demo(home, "--port", str(free_port())) as process:
        line = _read_until(process, "Okta by hand").splitlines()[-1]
        typed = line.partition("Okta by hand")[2].replace(".venv/bin/python", sys.executable)
        called = subprocess.run(
            ["/bin/sh", "-c", typed],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
        )
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)

    assert called.returncode == 0, called.stderr
    assert len(json.loads(called.stdout)) > 30
    assert b"Redis is away" not in called.stderr
    assert stat.S_IMODE((home / "demo/env").stat().st_mode) == 0o600


def _read_until(process: subprocess.Popen[str], word: str) -> str:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if word in line:
            break
    return "".join(lines)


def test_a_busy_port_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with demo(tmp_path, "--port", str(port)) as process:
            output, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    assert output.strip() == (
        f"Port {port} is in use by another program. Name another one: PORT={port + 1}"
    )


@pytest.mark.parametrize("wrong", ["0", "x", "70000"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, wrong: str) -> None:
    with demo(tmp_path, "--port", wrong) as process:
        output, _ = process.communicate(timeout=30)

    assert process.returncode == 2
    assert "is no port" in output

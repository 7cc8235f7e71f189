"""``manage.py okta`` as a process: exit codes, streams, signals, and somebody at a terminal."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tenants.models import Tenant
from tenants.sandbox.faults import Silence
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.management.commanding import on_record

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[2]

Start = Callable[..., subprocess.Popen[bytes]]


def database_url() -> str:
    """Of the database that pytest made for this process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.fixture
def start(connected: Tenant, sandbox: Sandbox, settings: Any) -> Iterator[Start]:
    """Starts the command beside this test's database and orgs; it ends with the test."""
    dial = {suffix: f"{host}:{port}" for suffix, (host, port) in sandbox.dial.items()}
    env = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "KEYRING_FILE": str(settings.KEYRING_FILE),
        "OKTA_DIAL": ",".join(f"{suffix}={address}" for suffix, address in dial.items()),
        "OKTA_CA_BUNDLE": sandbox.ca_bundle,
        "LOG_LEVEL": "ERROR",
    }
    processes: list[subprocess.Popen[bytes]] = []

    def start(*words: str, **streams: Any) -> subprocess.Popen[bytes]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [sys.executable, "manage.py", "okta", *words]
        processes.append(subprocess.Popen(command, cwd=ROOT, env=env, **{**pipes, **streams}))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()
    sandbox.faults.clear()


def await_hit(sandbox: Sandbox) -> None:
    for _ in range(300):
        if any(fault["hits"] for fault in sandbox.faults.report()):
            return
        time.sleep(0.05)
    raise AssertionError("nothing met the fault")


def ignore_interrupts() -> None:
    """As for what a script starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def test_the_answer_is_all_there_is_on_standard_output(start: Start) -> None:
    out, err = start("acme.okta.com", "listApplications", "--all").communicate(timeout=30)

    assert len(json.loads(out)) == 12
    assert b"GET https://acme.okta.com/api/v1/apps: 12 items" in err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["acme.okta.com", "getApplication", "--path", "appId=0oaNeverWas"], 6),
        (["acme.okta.com", "getApplication", "--path", "appId"], 2),
        (["acme.okta.com", "deleteApplication", "--path", "appId=-abc"], 3),
    ],
    ids=["Okta's refusal", "argparse's", "ours"],
)
def test_a_refusal_is_a_sentence_and_an_exit_code(
    start: Start, words: list[str], code: int
) -> None:
    process = start(*words)
    out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (code, b"")
    assert b"Traceback" not in err


def test_somebody_at_a_terminal_is_asked(start: Start, acme: Org) -> None:
    acme.grant("okta.apps.manage")
    app_id = acme.list("app")[0]["id"]
    ours, theirs = pty.openpty()
    words = ("Acme", "deactivateApplication", "--path", f"appId={app_id}")

    process = start(*words, stdin=theirs, stderr=theirs)
    os.close(theirs)  # so that reading ends, should the process end first
    asked = b""
    while b"[y/N] " not in asked:
        asked += os.read(ours, 1024)
    os.write(ours, b"y\n")

    assert process.wait(timeout=30) == 0
    assert b"POST /api/v1/apps/" in asked
    assert acme.get("app", app_id)["status"] == "INACTIVE"
    os.close(ours)


def test_an_interrupt_ends_it_without_a_traceback(
    start: Start, acme: Org, sandbox: Sandbox
) -> None:
    sandbox.faults.add(Silence(operation="listApplications"))
    process = start("acme.okta.com", "listApplications")
    await_hit(sandbox)

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (130, b"")
    assert b"Interrupted." in err
    assert b"Traceback" not in err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_change_that_is_cut_off_by_any_signal_is_on_the_record(
    start: Start, acme: Org, sandbox: Sandbox, number: signal.Signals
) -> None:
    acme.grant("okta.apps.manage")
    sandbox.faults.add(Silence(operation="deactivateApplication"))
    path = ("--path", f"appId={acme.list('app')[0]['id']}")
    process = start("Acme", "deactivateApplication", *path, "--yes", preexec_fn=ignore_interrupts)
    await_hit(sandbox)

    process.send_signal(number)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert b"The change may have been made" in err
    assert [row.get("outcome") for row in on_record()] == [None, "interrupted"]


@pytest.mark.parametrize(
    ("stream", "words", "code"),
    [
        ("stdout", ["Acme", "createApplication", "--yes"], 2),
        ("stdout", ["--list"], 2),
        ("stdin", ["Acme", "createApplication"], 3),
        ("stdin", ["Acme", "createApplication", "--body", "-", "--yes"], 2),
        ("stderr", ["Acme", "createApplication"], 3),
    ],
)
def test_a_closed_stream_is_no_bug(
    start: Start, acme: Org, stream: str, words: list[str], code: int
) -> None:
    acme.requests.clear()
    number = ("stdin", "stdout", "stderr").index(stream)

    process = start(*words, preexec_fn=lambda: os.close(number))
    _, err = process.communicate(timeout=30)

    assert (process.returncode, b"Traceback" in err) == (code, False)
    assert not acme.requests


def test_a_reader_that_leaves_early_costs_no_traceback(start: Start) -> None:
    process = start("acme.okta.com", "listApplications", "--all")
    assert process.stdout
    process.stdout.close()
    assert process.stderr
    err = process.stderr.read()

    assert process.wait(timeout=30) == 141
    assert b"Traceback" not in err
    assert b"Exception ignored" not in err

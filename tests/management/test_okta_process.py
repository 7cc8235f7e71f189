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
    for _ in range(300):
        if any(fault["hits"] for fault in sandbox.faults.report()):
            break
        time.sleep(0.05)

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (130, b"")
    assert b"Interrupted." in err
    assert b"Traceback" not in err


def test_a_reader_that_leaves_early_costs_no_traceback(start: Start) -> None:
    process = start("acme.okta.com", "listApplications", "--all")
    assert process.stdout
    process.stdout.close()
    assert process.stderr
    err = process.stderr.read()

    assert process.wait(timeout=30) == 141
    assert b"Traceback" not in err
    assert b"Exception ignored" not in err

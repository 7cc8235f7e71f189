"""``manage.py sandbox`` as people and other processes meet it."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tenants.sandbox.control import Control

ROOT = Path(__file__).parents[2]

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the command in a process of its own, which ends with the test."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", "sandbox", f"--directory={tmp_path}", *arguments]
        pipe = subprocess.PIPE
        processes.append(subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def await_credentials(folder: Path) -> Control:
    file = folder / "credentials.json"
    for _ in range(200):
        if file.exists():
            return Control(file)
        time.sleep(0.05)
    raise AssertionError("no credentials file within 10 seconds")


def test_it_serves_three_orgs_until_it_is_told_to_stop(start: Start, tmp_path: Path) -> None:
    process = start()
    control = await_credentials(tmp_path)
    sizes = {org["host"]: (org["apps"], org["weak"]) for org in control.credentials["orgs"]}
    secret = control.do("acme.okta.com", "rotate_secret")

    process.terminate()
    shown, _ = process.communicate(timeout=10)

    assert sizes == {
        "acme.okta.com": (40, False),
        "globex.oktapreview.com": (250, False),
        "initech.okta.com": (25, True),
    }
    assert process.returncode == 0
    assert f"OKTA_CA_BUNDLE={tmp_path / 'ca.pem'}" in shown
    assert f"okta.com=127.0.0.1:{control.credentials['port']}" in shown
    assert not (tmp_path / "credentials.json").exists()
    for hidden in (secret, control.credentials["orgs"][0]["client_secret"]):
        assert hidden not in shown


def test_it_loads_recorded_exchanges_and_names_bad_lines(start: Start, tmp_path: Path) -> None:
    recorded = tmp_path / "recorded.ndjson"
    good = {"path": "/api/v1/apps", "status": 200, "response_body": [{"id": "0oa1"}]}
    recorded.write_text(f"{json.dumps(good)}\nnot json\n")

    process = start(f"--load={recorded}", "--into=umbrella.okta.com")
    control = await_credentials(tmp_path)
    apps = control.do("umbrella.okta.com", "list", kind="app")
    process.terminate()
    shown, warnings = process.communicate(timeout=10)

    assert apps == [{"id": "0oa1"}]
    assert "Loaded from recorded.ndjson: app 1." in shown
    assert "Warning: line 2 is left out" in warnings


def test_orgs_can_be_hard_from_the_start(start: Start, tmp_path: Path) -> None:
    script = tmp_path / "faults.json"
    script.write_text('[{"action": "close", "path": "/api/*"}]')

    process = start(
        "--org=acme.okta.com=1",
        "--read-only=acme.okta.com",
        "--unlicensed=acme.okta.com",
        "--latency=acme.okta.com=0.5",
        "--concurrency=acme.okta.com=2",
        "--rate-limit=acme.okta.com:/api/v1/apps=3",
        "--set=acme.okta.com:client_kind=dpop",
        '--fault={"action": "status", "status": 503, "host": "acme.*"}',
        '--fault={"action": "silence", "path": "/slow"}',
        f"--faults={script}",
    )
    control = await_credentials(tmp_path)
    modes = control.do("acme.okta.com", "modes")
    faults = [report["fault"] for report in control.do("*", "faults")]
    process.terminate()

    assert (modes["read_only"], modes["licensed"], modes["client_kind"]) == (True, False, "dpop")
    assert (modes["delay_s"], modes["max_concurrency"]) == (0.5, 2)
    assert faults == [
        {"action": "status", "status": 503, "host": "acme.*"},
        {"action": "silence", "path": "/slow"},
        {"action": "close", "path": "/api/*"},
    ]


def test_a_second_sandbox_does_not_disturb_the_first(start: Start, tmp_path: Path) -> None:
    start("--org=acme.okta.com=1")
    control = await_credentials(tmp_path)
    authority = (tmp_path / "ca.pem").read_bytes()

    with pytest.raises(CommandError, match=r"another one runs in .* a --directory of its own"):
        call_command("sandbox", f"--directory={tmp_path}")

    assert (tmp_path / "ca.pem").read_bytes() == authority
    assert Control(tmp_path / "credentials.json").credentials == control.credentials


@pytest.mark.parametrize(
    ("flag", "sentence"),
    [
        ("--read-only=nobody.okta.com", "no org at nobody.okta.com"),
        ("--latency=acme.okta.com", "not HOST=NUMBER"),
        ("--latency=acme.okta.com=slow", "delay_s cannot be 'slow'"),
        ("--latency=acme.okta.com=-1", "delay_s cannot be -1"),
        ("--latency=acme.okta.com=NaN", "delay_s cannot be 'NaN'"),
        ("--concurrency=acme.okta.com=1.5", "max_concurrency cannot be 1.5"),
        ("--rate-limit=acme.okta.com:/api/v1/apps=few", "'few' is no number"),
        ("--rate-limit=acme.okta.com:/nothing=1", "Unknown bucket '/nothing'"),
        ("--rate-limit=acme.okta.com:/api/v1/apps=-1", "'-1' is no number"),
        ("--set=acme.okta.com:mood=bad", "Unknown field 'mood'"),
        ("--set=acme.okta.com", "not HOST:FIELD=VALUE"),
        ("--fault={", "no JSON"),
        ('--fault={"action": "explode"}', "not 'explode'"),
        ("--faults=/nowhere.json", "cannot be read: No such file"),
        ("--faults=/dev/null", "no JSON"),
    ],
)
def test_a_flag_that_makes_no_sense_is_one_sentence(
    tmp_path: Path, flag: str, sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("sandbox", f"--directory={tmp_path}", flag)


def test_a_faults_file_names_the_fault_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text('[{"action": "close"}, {"action": "delay"}]')

    with pytest.raises(CommandError, match=r"Fault 2: .* missing required field `seconds`"):
        call_command("sandbox", f"--directory={tmp_path}", f"--faults={file}")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"load": Path("/nowhere.ndjson")}, "cannot be read: No such file"),
        ({"into": "acme.okta.com"}, "--into needs --load"),
        ({"port": 99_999}, "There is no port 99999"),
        ({"port": -1}, "There is no port -1"),
        ({"directory": Path("/dev/null/sandbox")}, "cannot start"),
    ],
)
def test_what_cannot_work_is_one_sentence(
    tmp_path: Path, options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("sandbox", **{"directory": tmp_path, **options})


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (["acme.okta.com=many"], "not HOST=APPS"),
        (["acme=3"], "not HOST=APPS"),
        (["acme.okta.com=3:weak"], "at least 3 authorization servers and 4 apps"),
        (["acme.okta.com=1", "acme.okta.com=2"], "already an org"),
    ],
)
def test_orgs_that_make_no_sense_are_one_sentence(
    tmp_path: Path, wanted: list[str], sentence: str
) -> None:
    arguments = [f"--org={org}" for org in wanted]

    with pytest.raises(CommandError, match=sentence):
        call_command("sandbox", f"--directory={tmp_path}", *arguments)

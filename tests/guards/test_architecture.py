"""Rules the code keeps about itself. A red test here names the file to mend."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "tenants"

#: Lowest first; a room may use those beside it and below it, never those above.
LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"choices", "errors", "figures"}),
    frozenset({"models", "vault", "okta", "logs"}),
    frozenset({"broker", "keys", "outbox", "runs"}),
    frozenset({"actions", "audit", "calls", "connections", "inventory"}),
    frozenset(
        {
            *("apps", "checks", "dashboard", "demo", "management", "onboarding"),
            *("tasks", "templatetags", "web", "worker"),
        }
    ),
)
#: Stands beside the service and must not know it: a judge that shares our mistakes judges nothing.
APART = "sandbox"

#: What a room must not import from outside.
FOREIGN = {
    "okta": ("django", "celery", "redis"),
    "vault": ("django", "celery", "redis", "httpx2"),
    "keys": ("celery", "httpx2", "redis"),
    "models": ("celery", "httpx2", "redis"),
    "actions": ("celery", "httpx2", "redis"),
    "outbox": ("celery", "httpx2", "redis"),
    "connections": ("celery", "httpx2", "redis"),
    "inventory": ("celery", "httpx2", "redis"),
    "audit": ("celery", "httpx2", "redis"),
    "calls": ("celery", "httpx2", "redis"),
    "onboarding": ("celery", "httpx2", "redis"),
    "dashboard": ("celery", "httpx2", "redis"),
}


def rooms() -> set[str]:
    folders = {path.name for path in APP.iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    files = {path.stem for path in APP.glob("*.py")}
    return (folders | files) - {"__init__", "migrations", "__pycache__"}


def files_of(room: str) -> list[Path]:
    single = APP / f"{room}.py"
    return [single] if single.exists() else sorted((APP / room).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def level_of(room: str) -> int:
    return next(number for number, level in enumerate(LEVELS) if room in level)


def room_of(name: str) -> str:
    return name.split(".")[1]


def test_every_room_has_its_level() -> None:
    assert rooms() == frozenset.union(*LEVELS) | {APART}


@pytest.mark.parametrize("room", sorted(frozenset.union(*LEVELS)))
def test_imports_run_downward(room: str) -> None:
    upward = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files_of(room)
        for name in imported(path)
        if name.startswith("tenants.")
        and room_of(name) not in (APART, room)
        and level_of(room_of(name)) > level_of(room)
    ]

    assert not upward, "\n".join(upward)


def test_the_sandbox_knows_only_the_catalogue() -> None:
    known = [
        f"{path.name} imports {name}"
        for path in files_of(APART)
        for name in imported(path)
        if name.startswith("tenants.")
        and not name.startswith(("tenants.sandbox", "tenants.okta.operations"))
    ]

    assert not known, "\n".join(known)


def test_only_demo_and_commands_use_the_sandbox() -> None:
    users = {
        room
        for room in rooms() - {APART}
        for path in files_of(room)
        if any(name.startswith("tenants.sandbox") for name in imported(path))
    }

    assert users == {"demo", "management"}


@pytest.mark.parametrize("room", FOREIGN)
def test_rooms_leave_the_outside_to_those_whose_work_it_is(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files_of(room)
        for name in imported(path)
        if name.split(".")[0] in FOREIGN[room]
    ]

    assert not wrong, "\n".join(wrong)


def test_the_environment_is_read_in_settings_and_wiring_alone() -> None:
    """One door for settings: elsewhere they come from django.conf."""
    readers = [
        str(path.relative_to(ROOT))
        for room in rooms() - {"demo"}
        for path in files_of(room)
        if "os.environ" in path.read_text() or "os.getenv" in path.read_text()
    ]

    assert readers == []

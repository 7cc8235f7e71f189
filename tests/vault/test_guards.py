"""A red test here names the line where a secret would leave the rooms that may hold it."""

import ast
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
#: The type itself, where a secret is sealed, and where it is sent to Okta.
ALLOWED = {
    PROJECT / "tenants" / "vault" / "secret.py",
    PROJECT / "tenants" / "vault" / "envelope.py",
    PROJECT / "tenants" / "broker" / "okta_grant.py",
}
WAYS_IN = ("expose", "_value")


def exposures(source: str) -> list[int]:
    """Lines that mention ``.expose``, or what it returns, so that no detour leads there either."""
    return sorted(
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Attribute) and node.attr in WAYS_IN)
        or (isinstance(node, ast.Constant) and node.value in WAYS_IN)
    )


def test_secrets_are_exposed_where_they_are_sealed_and_sent_and_nowhere_else():
    files = [*PROJECT.glob("tenants/**/*.py"), *PROJECT.glob("oin_service/**/*.py")]
    found = {path: lines for path in files if (lines := exposures(path.read_text()))}

    wrong = [f"{p.relative_to(PROJECT)}:{found[p]}" for p in found.keys() - ALLOWED]

    assert not wrong
    assert found.keys() == ALLOWED  # an empty scan would pass for the wrong reason


def test_the_guard_sees_calls_references_and_names():
    source = "a.expose()\nb = a.expose\ngetattr(a, 'expose')()\na._value"

    assert exposures(source) == [1, 2, 3, 4]


def test_the_vault_knows_neither_django_nor_celery():
    imported = {
        name.split(".")[0]
        for path in (PROJECT / "tenants" / "vault").glob("*.py")
        for name in _imports(path)
    }

    assert "cryptography" in imported
    assert not imported & {"django", "celery", "redis", "httpx2"}


def _imports(path: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return names

"""The rule that `tenants.okta.egress` is the only way to an org, read off the source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: The door, and the sockets behind it, which nobody else may use.
DOOR = ROOT / "tenants/okta/egress.py"
SOCKETS = ROOT / "tenants/okta/dialling.py"
#: The other door leads to the vendor's own key service, and nowhere near an org (ADR 0019).
KEY_SERVICE = ROOT / "tenants/vault/transit.py"

#: Modules that can open a connection to somewhere over HTTP.
CLIENTS = {
    "aiohttp",
    "http.client",
    "httpcore",
    "httpcore2",
    "httpx",
    "httpx2",
    "requests",
    "urllib.request",
    "urllib3",
}

DIALLING = re.compile(r"\bsocket\.(?:create_connection|getaddrinfo|socket)\b")
UNVERIFIED = re.compile(r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False|_unverified")
ABOVE = re.compile(r"^(?:django|celery|redis|kombu|oin_service|tenants\.(?!okta\b))")


def sources(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        for path in (ROOT / room).rglob("*.py"):
            # The sandbox is the other end of the wire: it serves, and talks to itself.
            if "sandbox" not in path.relative_to(ROOT).parts:
                yield path


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}", *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def test_only_the_door_uses_an_http_client():
    users = {path for path in sources("tenants", "oin_service") if imported(path) & CLIENTS}

    assert users == {DOOR, SOCKETS, KEY_SERVICE}


def test_only_the_door_dials():
    diallers = {
        path
        for path in sources("tenants", "oin_service")
        if any(name.startswith("tenants.okta.dialling") for name in imported(path))
    }

    assert diallers == {DOOR}


def test_only_the_door_looks_up_and_dials_addresses():
    dialling = [path for path in sources("tenants") if DIALLING.search(path.read_text())]

    assert dialling == [SOCKETS]


def test_certificates_are_checked_everywhere():
    paths = list(sources("tenants", "oin_service"))

    assert len(paths) > 20
    assert not [path for path in paths if UNVERIFIED.search(path.read_text())]


def test_the_wire_knows_nothing_of_the_rooms_above_it():
    paths = list(sources("tenants/okta"))
    wrong = {
        f"{path.name} imports {name}"
        for path in paths
        for name in imported(path)
        if ABOVE.match(name)
    }

    assert len(paths) > 10
    assert not wrong

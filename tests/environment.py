"""Loaded by pytest before Django reads its settings: what the service under test finds around it.

The suite runs on SQLite. ``TEST_DATABASE=postgres`` runs it on a real PostgreSQL: the one that
``TEST_DATABASE_URL`` names, else one of its own that lives as long as the run.
"""

import atexit
import os
import secrets
import shutil
import signal
import tempfile
from contextlib import ExitStack
from pathlib import Path

from oin_service.ports import free_port
from tenants.vault.ringfile import ring_create
from tests.network import refuse_network
from tests.postgres import running_postgres

HOME = Path(tempfile.mkdtemp(prefix="oin-tests-"))

_servers = ExitStack()


def _choose_database() -> str:
    if os.environ.get("TEST_DATABASE", "sqlite") == "sqlite":
        return f"sqlite:///{HOME / 'service.sqlite3'}"
    if "TEST_DATABASE_URL" not in os.environ:
        # Workers of pytest-xdist find it there and use the server of the process above them.
        os.environ["TEST_DATABASE_URL"] = _servers.enter_context(running_postgres(HOME))
    return os.environ["TEST_DATABASE_URL"]


@atexit.register  # also when pytest ends before it is configured
def pytest_unconfigure() -> None:
    _servers.close()
    shutil.rmtree(HOME, ignore_errors=True)


def _make_keys() -> Path:
    path = HOME / "keys" / "keyring.json"
    path.parent.mkdir()
    ring_create(path)
    return path


# Whoever starts us in the background of a script makes us, and so every process that a test starts,
# ignore these two; the tests are about processes that hear them.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

refuse_network()
(HOME / "static").mkdir()  # WhiteNoise warns where `collectstatic` has never run
os.environ.update(
    ENVIRONMENT="test",
    HUB_HOME=str(HOME),
    SECRET_KEY=secrets.token_urlsafe(48),
    KEYRING_FILE=str(_make_keys()),
    DATABASE_URL=_choose_database(),
    # Nothing listens there until a test asks for the fixture ``redis_server``.
    REDIS_URL=f"redis://:{secrets.token_urlsafe(24)}@127.0.0.1:{free_port()}/0",
    PUBLIC_URL="http://testserver",
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
)

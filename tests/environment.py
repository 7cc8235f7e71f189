"""Loaded by pytest before Django reads its settings: what the service under test finds around it.

``TEST_DATABASE=postgres`` runs the suite on a real PostgreSQL that lives as long as the run; a
``DATABASE_URL`` of your own is used as it is. Without either, the suite runs on SQLite.
"""

import atexit
import os
import secrets
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from oin_service.ports import free_port
from tests.network import refuse_network
from tests.postgres import running_postgres

HOME = Path(tempfile.mkdtemp(prefix="oin-tests-"))

_servers = ExitStack()


def _choose_database() -> str:
    if os.environ.get("TEST_DATABASE", "sqlite") == "sqlite":
        return f"sqlite:///{HOME / 'service.sqlite3'}"
    if "DATABASE_URL" in os.environ:  # the run's own, or that of the process that started this one
        return os.environ["DATABASE_URL"]
    return _servers.enter_context(running_postgres(HOME))


@atexit.register  # also when pytest ends before it is configured
def pytest_unconfigure() -> None:
    _servers.close()
    shutil.rmtree(HOME, ignore_errors=True)


refuse_network()
os.environ.update(
    ENVIRONMENT="test",
    HUB_HOME=str(HOME),
    SECRET_KEY=secrets.token_urlsafe(48),
    DATABASE_URL=_choose_database(),
    # Nothing listens there until a test asks for the fixture ``redis_server``.
    REDIS_URL=f"redis://:{secrets.token_urlsafe(24)}@127.0.0.1:{free_port()}/0",
    PUBLIC_URL="http://testserver",
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
)

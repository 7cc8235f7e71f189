"""The two databases, and how each of them goes away."""

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.postgres import Postgres


class SqliteFile:
    name = "sqlite"

    def __init__(self, home: Path) -> None:
        self._file = home / "db.sqlite3"
        self.url = f"sqlite:///{self._file}"

    @contextmanager
    def away(self) -> Iterator[None]:
        """Hold the one lock that every writer needs."""
        with closing(sqlite3.connect(self._file, isolation_level=None, timeout=20)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")

    def end(self) -> None:
        """A file needs no ending."""


class PostgresServer:
    name = "postgres"

    def __init__(self, home: Path) -> None:
        self._server = Postgres(home)
        self._server.start()
        self.url = self._server.url

    @contextmanager
    def away(self) -> Iterator[None]:
        """Shut it down as a crash would, in the middle of whatever it does; then start it again."""
        os.kill(self._server.pid, signal.SIGQUIT)
        self._server.stop()
        yield
        self._server.start()

    def end(self) -> None:
        self._server.stop()


Database = SqliteFile | PostgresServer

DATABASES: dict[str, type[Database]] = {
    SqliteFile.name: SqliteFile,
    PostgresServer.name: PostgresServer,
}

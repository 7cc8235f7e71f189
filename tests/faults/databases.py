"""The two databases, and how each of them goes away."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from tests.postgres import Postgres

#: Files beside SQLite's; see `odd_database`.
FULL, READ_ONLY = "database-is-full", "database-is-read-only"


class SqliteFile:
    name = "sqlite"

    def __init__(self, home: Path) -> None:
        self._file = home / "db.sqlite3"
        self.url = f"sqlite:///{self._file}"

    @contextmanager
    def full(self) -> Iterator[None]:
        """For processes with `odd_database`: no page can be added, and none is free."""
        flag = self._file.with_name(FULL)
        with closing(sqlite3.connect(self._file, isolation_level=None, timeout=20)) as other:
            flag.touch()
            other.execute("CREATE TABLE IF NOT EXISTS filling (filler BLOB)")
            other.execute("PRAGMA max_page_count=1")
            with suppress(sqlite3.OperationalError):
                while True:
                    other.execute("INSERT INTO filling VALUES (zeroblob(3000))")
            yield
            flag.unlink()
            other.execute("DROP TABLE filling")

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """For processes with `odd_database`."""
        flag = self._file.with_name(READ_ONLY)
        flag.touch()
        yield
        flag.unlink()

    @contextmanager
    def reading(self) -> Iterator[Callable[[], int]]:
        """One transaction that reads; counts the items that it sees."""
        with closing(sqlite3.connect(self._file, isolation_level=None)) as other:
            other.execute("BEGIN")
            yield lambda: int(other.execute("SELECT count(*) FROM tenants_resource").fetchone()[0])
            other.execute("COMMIT")

    def is_sound(self) -> bool:
        with closing(sqlite3.connect(self._file)) as other:
            return list(other.execute("PRAGMA integrity_check")) == [("ok",)]

    def back_up(self) -> None:
        """Nobody uses it now, nor when it is restored."""
        for file in self._files():
            shutil.copy(file, file.with_suffix(file.suffix + ".bak"))

    def restore(self) -> None:
        for file in self._files():
            file.unlink()
        for backup in self._file.parent.glob("*.bak"):
            backup.rename(backup.with_suffix(""))

    def _files(self) -> list[Path]:
        """With its log and the index of that, where they were left."""
        return [f for f in self._file.parent.glob(f"{self._file.name}*") if f.suffix != ".bak"]

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

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """As after a failover to a replica, or when its own disk is full."""
        self._alter("default_transaction_read_only", "on")
        yield
        self._alter("default_transaction_read_only", "off")

    def end_connections(self) -> int:
        """All but this one; returns how many."""
        ended = self._do(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return int(ended[0][0])

    def back_up(self) -> None:
        self._server.stop()
        self._server.copy_data("data", "backup")
        self._server.start()

    def restore(self) -> None:
        self._server.stop()
        self._server.copy_data("backup", "data")
        self._server.start()

    def _alter(self, setting: str, value: str) -> None:
        self._do(f"ALTER SYSTEM SET {setting} = {value}")
        self._do("SELECT pg_reload_conf()")

    def _do(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            # Whatever this server is told to be, we may change that again.
            connection.execute("SET default_transaction_read_only = off")
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def end(self) -> None:
        self._server.stop()


Database = SqliteFile | PostgresServer

DATABASES: dict[str, type[Database]] = {
    SqliteFile.name: SqliteFile,
    PostgresServer.name: PostgresServer,
}

"""Where a tenant's id is written: the proof that one who was forgotten is.

It asks the database itself for all its tables and columns, so that no table can be overlooked, and
Redis for all its keys and values.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from tenants.broker.traces import redis_traces
from tenants.models import AuditEvent

#: The one place where the id of a forgotten tenant may stand.
TOMBSTONE = (AuditEvent._meta.db_table, "forgotten")


@dataclass(frozen=True)
class Trace:
    """``count`` rows, or keys of Redis, have the id in ``column`` of ``table``."""

    table: str
    column: str
    count: int

    @property
    def is_tombstone(self) -> bool:
        return (self.table, self.column) == TOMBSTONE


@dataclass(frozen=True)
class Search:
    """What was looked through, and what was found. ``redis_keys`` is None if Redis was away."""

    tables: int
    columns: int
    redis_keys: int | None
    traces: tuple[Trace, ...]

    @property
    def tombstones(self) -> int:
        return sum(trace.count for trace in self.traces if trace.is_tombstone)

    @property
    def left(self) -> tuple[Trace, ...]:
        """What must not be there of a tenant that was forgotten."""
        return tuple(trace for trace in self.traces if not trace.is_tombstone)


def traces_of(tenant_id: UUID) -> Search:
    """Look for the id, in any way it may be written, in every column of every table and in Redis.

    Reads all of it: on a large database it takes minutes, and no lock.
    """
    columns = list(_columns())
    traces = [Trace(*at, count) for at in columns if (count := _count(*at, tenant_id))]
    keys, found = redis_traces(tenant_id)
    if found:
        traces.append(Trace("Redis", "keys", found))
    return Search(len({table for table, _ in columns}), len(columns), keys, tuple(traces))


def _columns() -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            for column in connection.introspection.get_table_description(cursor, table):
                yield table, column.name


def _count(table: str, column: str, tenant_id: UUID) -> int:
    name = connection.ops.quote_name
    text = f"LOWER(CAST({name(column)} AS TEXT))"
    query = f"SELECT COUNT(*) FROM {name(table)} WHERE {text} LIKE %s OR {text} LIKE %s"  # noqa: S608  (names from the database itself)
    with connection.cursor() as cursor:
        cursor.execute(query, [f"%{tenant_id}%", f"%{tenant_id.hex}%"])
        (count,) = cursor.fetchone()
    return int(count)

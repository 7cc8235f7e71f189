"""Imported by a process whose SQLite shall be full, or take no writes, while a file says so.

Both are PRAGMAs of one connection, and a file system of a few pages takes more rights than we have.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db.backends.signals import connection_created

from tests.faults.databases import FULL, READ_ONLY

_NO_LIMIT = 2**32 - 2

_home = Path(os.environ.get("HUB_HOME", "."))


def _obey(connection: Any, **kwargs: object) -> None:
    if connection.vendor == "sqlite":
        connection.execute_wrappers.append(_as_told)


def _as_told(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    raw = context["connection"].connection
    raw.execute(f"PRAGMA query_only={int((_home / READ_ONLY).exists())}")
    # A limit below the present size stands for the present size.
    raw.execute(f"PRAGMA max_page_count={1 if (_home / FULL).exists() else _NO_LIMIT}")
    return execute(sql, params, many, context)


connection_created.connect(_obey)

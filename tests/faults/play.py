"""Plays rows on one database and prints a line for each, then their counts as JSON."""

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import django

from oin_service.processes import end_on_signals
from tests.faults.databases import DATABASES
from tests.faults.fleet import Fleet, environment
from tests.faults.row import ROWS, Row, Seen
from tests.network import refuse_network

#: They need Django, which needs its settings, which need a database.
_ROOMS = ("processes", "redis", "doorbells", "databases", "okta", "changes")
BROKEN, HELD, NOT_APPLICABLE = "BROKEN", "held", "not applicable"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.play", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="ROW")
    parser.add_argument("--database", choices=DATABASES, required=True)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave logs and data there")
    options = parser.parse_args()
    end_on_signals()
    refuse_network()
    try:
        with _home(options.keep) as folder:
            play(Path(folder), options.database, options.names)
    except KeyboardInterrupt:
        sys.exit(1)


def _home(keep: Path | None) -> AbstractContextManager[str]:
    if keep is None:
        return tempfile.TemporaryDirectory(prefix="oin-faults-")
    keep.mkdir(parents=True)
    return nullcontext(str(keep.resolve()))


def play(home: Path, name: str, names: list[str]) -> None:
    database = DATABASES[name](home)
    try:
        os.environ.update(env := environment(home, database.url))
        django.setup()
        for room in _ROOMS:
            importlib.import_module(f"tests.faults.rows.{room}")
        forget = importlib.import_module("tests.faults.customer").forget_all
        counts = _play(chosen(names), Fleet(home, database, env), forget)
        sys.stdout.write(json.dumps(counts) + "\n")
    finally:
        database.end()


def chosen(names: list[str]) -> list[Row]:
    if unknown := [name for name in names if name not in ROWS]:
        sys.exit(f"There is no row {unknown[0]!r}; there are {', '.join(ROWS)}.")
    return [ROWS[name] for name in names] if names else list(ROWS.values())


def _play(rows: list[Row], fleet: Fleet, forget: Callable[[], None]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    with fleet:
        for row in rows:
            verdict, told, took_s = _verdict(row, fleet)
            counts[verdict] += 1
            where = f"{fleet.database.name:8} {verdict:6} {took_s:5.1f} s"
            sys.stdout.write(f"{where}  {row.name}: {row.told} {told}\n")
            sys.stdout.flush()
            if verdict == BROKEN:
                forget()
    return counts


def _verdict(row: Row, fleet: Fleet) -> tuple[str, str, float]:
    began = time.monotonic()
    if reason := row.not_on.get(fleet.database.name):
        return NOT_APPLICABLE, f"[{reason}]", 0.0
    seen = Seen()
    try:
        fleet.mend()
        row.play(fleet, seen)
    except Exception as exc:
        where = traceback.extract_tb(exc.__traceback__)[1:2]
        at = f" (line {where[0].lineno})" if where else ""
        seen.wrong.append(f"{type(exc).__name__}: {exc}{at}")
    told = f"[{'; '.join(seen.facts)}]"
    if seen.wrong:
        told += f" BUT [{'; '.join(seen.wrong)}]"
    return BROKEN if seen.wrong else HELD, told, time.monotonic() - began


if __name__ == "__main__":
    main()

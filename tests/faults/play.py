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
from pathlib import Path

import django

from oin_service.processes import end_on_signals
from tests.faults.databases import DATABASES, Database
from tests.faults.fleet import Fleet, environment
from tests.faults.row import ROWS, Row, Seen
from tests.network import refuse_network

#: They need Django, which needs its settings, which need a database.
_ROOMS = ("processes", "redis", "doorbells", "databases", "okta")
BROKEN, HELD, NOT_APPLICABLE = "BROKEN", "held", "not applicable"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.play", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="ROW")
    parser.add_argument("--database", choices=DATABASES, required=True)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave logs and data there")
    options = parser.parse_args()
    end_on_signals()
    refuse_network()
    if options.keep:
        options.keep.mkdir(parents=True)
        play(options.keep.resolve(), options.database, options.names)
    else:
        with tempfile.TemporaryDirectory(prefix="oin-faults-") as folder:
            play(Path(folder), options.database, options.names)


def play(home: Path, name: str, names: list[str]) -> None:
    database = DATABASES[name](home)
    try:
        os.environ.update(env := environment(home, database.url))
        django.setup()
        for room in _ROOMS:
            importlib.import_module(f"tests.faults.rows.{room}")
        counts = _play(chosen(names), home, database, env)
        sys.stdout.write(json.dumps(counts) + "\n")
    finally:
        database.end()


def chosen(names: list[str]) -> list[Row]:
    if unknown := [name for name in names if name not in ROWS]:
        sys.exit(f"There is no row {unknown[0]!r}; there are {', '.join(ROWS)}.")
    return [ROWS[name] for name in names] if names else list(ROWS.values())


def _play(rows: list[Row], home: Path, database: Database, env: dict[str, str]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    with Fleet(home, database, env) as fleet:
        for row in rows:
            verdict, told, took_s = _verdict(row, fleet)
            counts[verdict] += 1
            line = f"{database.name:8} {verdict:6} {took_s:5.1f} s  {row.name}: {row.told} {told}"
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
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

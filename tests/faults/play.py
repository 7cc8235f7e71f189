"""Plays rows on one database, and tells of each what became of it."""

import argparse
import importlib
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import django

from oin_service.processes import end_on_signals
from tests.faults.databases import DATABASES
from tests.faults.events import BROKEN, HELD, NOT_APPLICABLE, Line, Plan, tell
from tests.faults.fleet import Fleet, environment
from tests.faults.row import ROWS, Row, Seen
from tests.faults.rows import load_rows
from tests.network import refuse_network

Finish = Callable[[], None]


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
        load_rows()
        rows = [ROWS[name] for name in names] or [r for r in ROWS.values() if r.is_for(name)]
        tell(Plan(len(rows)))
        playable = [row for row in rows if not _is_left_out(row, name)]
        if playable:
            _play(playable, Fleet(home, database, env))
    finally:
        database.end()


def _is_left_out(row: Row, database: str) -> bool:
    reason = row.not_on.get(database, "")
    if reason:
        tell(Line(row.name, NOT_APPLICABLE, 0.0, row.told, reason))
    return bool(reason)


def _play(rows: list[Row], fleet: Fleet) -> None:
    customer = importlib.import_module("tests.faults.customer")
    with fleet:
        for line in _together([row for row in rows if row.beside], fleet, customer.leave):
            tell(line)
        for row in rows:
            if row.beside:
                continue
            tell(line := _line(row, fleet))
            if line.verdict == BROKEN:
                customer.forget_all()


def _together(rows: list[Row], fleet: Fleet, leave: Finish) -> Iterator[Line]:
    """Play them at the same time, on a fleet that nothing happens to."""
    if not rows:
        return
    with ThreadPoolExecutor(len(rows)) as hands:
        for done in as_completed([hands.submit(_line, row, fleet, leave) for row in rows]):
            yield done.result()


def _line(row: Row, fleet: Fleet, finish: Finish | None = None) -> Line:
    began, seen = time.monotonic(), Seen()
    try:
        if not row.beside:
            fleet.mend()
        row.play(fleet, seen)
    except Exception as exc:
        where = traceback.extract_tb(exc.__traceback__)[1:2]
        at = f" (line {where[0].lineno})" if where else ""
        told = " ".join(str(exc).split())  # a row is one line, whatever went wrong
        seen.wrong.append(f"{type(exc).__name__}: {told}{at}")
    finally:
        if finish:
            finish()
    verdict = BROKEN if seen.wrong else HELD
    return Line(row.name, verdict, time.monotonic() - began, row.told, str(seen))


if __name__ == "__main__":
    main()

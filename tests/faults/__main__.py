"""The fault matrix: real processes are killed, frozen and filled up, a line for each row.

Three lanes at the same time: a fleet on SQLite, a fleet on PostgreSQL, and the fast tests that
show what needs no processes. Ends with 1 when a row is broken.
"""

import argparse
import os
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue
from threading import Thread

from oin_service.processes import end_on_signals
from tests.faults.databases import DATABASES
from tests.faults.events import BROKEN, HELD, NOT_APPLICABLE, Line, Plan, hear
from tests.faults.known import known_rows
from tests.faults.matrix import MATRIX
from tests.faults.seed import SEED

TESTS = "tests"
LANES = (*DATABASES, TESTS)

#: A line of a lane, or its exit code.
Heard = tuple[str, str | int]


def main() -> None:
    options = _parser().parse_args()
    rows = known_rows()
    shown = {fault.name: fault.holds for fault in MATRIX if fault.tests}
    if options.list:
        _list({row.name: row.told for row in rows.values()} | shown)
        return
    names = options.names
    if unknown := [name for name in names if name not in rows.keys() | shown.keys()]:
        sys.exit(f"There is no row {unknown[0]!r}. `python -m tests.faults --list` tells them.")
    lanes = {}
    for lane in [options.lane] if options.lane else LANES:
        known = shown if lane == TESTS else rows
        here = [name for name in names if name in known]
        if not options.lane and lane != TESTS:
            here = [name for name in here if rows[name].is_for(lane)]
        if here or not names:
            lanes[lane] = here
    end_on_signals()
    seed = options.seed if options.seed is not None else secrets.randbelow(2**32)
    os.environ[SEED] = str(seed)
    sys.stdout.write(f"Seed {seed}\n")
    try:
        counts = _play(lanes)
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
    sys.stdout.write(
        f"{counts[HELD]} rows held, {counts[BROKEN]} broken, "
        f"{counts[NOT_APPLICABLE]} not applicable\n"
    )
    sys.exit(1 if counts[BROKEN] or not counts else None)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="ROW", help="all rows, where none is named")
    parser.add_argument("--list", action="store_true", help="tell all rows, and play none")
    parser.add_argument("--lane", choices=LANES, help="play in this lane alone")
    parser.add_argument("--seed", type=int, help="of what comes by chance; printed when not given")
    return parser


def _list(told: dict[str, str]) -> None:
    for name, sentence in told.items():
        sys.stdout.write(f"{name}\n    {sentence}\n")


def _play(lanes: dict[str, list[str]]) -> Counter[str]:
    """Play all lanes at once. Returns: how many rows came to which verdict."""
    heard: SimpleQueue[Heard] = SimpleQueue()
    printed, counts, began = _Printer(lanes), Counter[str](), time.monotonic()
    with ExitStack() as players:
        for lane, names in lanes.items():
            players.enter_context(_player(lane, names, heard))
        waiting = set(lanes)
        while waiting:
            lane, told = heard.get()
            if isinstance(told, str):
                event = hear(told)
                if isinstance(event, Line):
                    counts[event.verdict] += 1
                printed.add(lane, event)
                continue
            waiting.remove(lane)
            if told:
                sys.exit(f"The rows on {lane} could not be played to their end.")
    sys.stdout.write(f"{time.monotonic() - began:.0f} s in all\n")
    return counts


@contextmanager
def _player(lane: str, names: list[str], heard: SimpleQueue[Heard]) -> Iterator[None]:
    """In a process of its own: Django has one database for as long as it lives."""
    module = ["tests.faults.quick"] if lane == TESTS else ["tests.faults.play", "--database", lane]
    # A session of its own: Ctrl-C is for us, and we tell it once, so that it can tidy up in peace.
    with subprocess.Popen(
        [sys.executable, "-m", *module, *names],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as player:
        Thread(target=_listen, args=(lane, player, heard), daemon=True).start()
        try:
            yield
        except BaseException:
            player.terminate()
            raise


def _listen(lane: str, player: "subprocess.Popen[str]", heard: SimpleQueue[Heard]) -> None:
    for text in player.stdout or ():
        heard.put((lane, text))
    heard.put((lane, player.wait()))


class _Printer:
    """Prints lines as they come, once it is known how many there will be."""

    def __init__(self, lanes: dict[str, list[str]]) -> None:
        self._unplanned = set(lanes)
        self._total = self._printed = 0
        self._early: list[tuple[str, Line]] = []

    def add(self, lane: str, event: Plan | Line) -> None:
        if isinstance(event, Plan):
            self._unplanned.discard(lane)
            self._total += event.lines
        else:
            self._early.append((lane, event))
        if not self._unplanned:
            for early in self._early:
                self._print(*early)
            self._early.clear()

    def _print(self, lane: str, line: Line) -> None:
        self._printed += 1
        where = f"row {self._printed:2} of {self._total}  {lane:8} {line.verdict:6}"
        sys.stdout.write(f"{where} {line.seconds:5.1f} s  {line.name}: {line.told} {line.seen}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

"""``python -m tests.faults [ROW ...] [--database NAME]``: the fault matrix, a line for each row."""

import argparse
import json
import subprocess
import sys
from collections import Counter

from oin_service.processes import end_on_signals
from tests.faults.databases import DATABASES
from tests.faults.play import BROKEN, HELD, NOT_APPLICABLE


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="ROW", help="all rows, where none is named")
    parser.add_argument("--database", choices=DATABASES, help="both, one after the other")
    options = parser.parse_args()
    end_on_signals()
    counts: Counter[str] = Counter()
    try:
        for database in [options.database] if options.database else DATABASES:
            counts.update(play(database, options.names))
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
    sys.stdout.write(
        f"{counts[HELD]} rows held, {counts[BROKEN]} broken, "
        f"{counts[NOT_APPLICABLE]} not applicable\n"
    )
    sys.exit(1 if counts[BROKEN] or not counts else None)


def play(database: str, names: list[str]) -> dict[str, int]:
    """Play rows in a process of their own: Django has one database for as long as it lives.

    Returns: how many rows came to which verdict.
    """
    command = [sys.executable, "-m", "tests.faults.play", *names, "--database", database]
    # A session of its own: Ctrl-C is for us, and we tell it once, so that it can tidy up in peace.
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as player:
        try:
            last = ""
            for line in player.stdout or ():
                sys.stdout.write(last)
                sys.stdout.flush()
                last = line
        except BaseException:
            player.terminate()
            raise
    if player.returncode:
        sys.exit(f"{last}The rows on {database} could not be played to their end.")
    counts: dict[str, int] = json.loads(last)
    return counts


if __name__ == "__main__":
    main()

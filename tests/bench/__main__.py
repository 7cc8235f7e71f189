"""``python -m tests.bench [NAME ...]``: figures beside the goals they are held to."""

import argparse
import sys
from collections.abc import Callable

from tests.bench import drain, due, empty_slices, memory, sandbox_pages, tokens, vault, wire
from tests.bench.figure import Figure, progress

BENCHES: dict[str, Callable[[], Figure]] = {
    "wire": wire.measure,
    "sandbox": sandbox_pages.measure,
    "engine.tick": due.measure,
    "engine.slice": empty_slices.measure,
    "engine.drain": drain.measure,
    "engine.memory": memory.measure,
    "vault": vault.measure,
    "broker": tokens.measure,
}

HELP = "of {}; a name before a dot stands for all that begin with it; all, where none is given"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=HELP.format(", ".join(BENCHES)))
    wanted = parser.parse_args().names or list(BENCHES)
    if unknown := [name for name in wanted if not _meant_by(name)]:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(BENCHES)}")
    names = list(dict.fromkeys(each for name in wanted for each in _meant_by(name)))
    missed = 0
    for name in names:
        progress(f"{name} …")
        figure = BENCHES[name]()
        missed += not figure.holds
        sys.stdout.write(f"{name}: {figure}\n")
        sys.stdout.flush()
    sys.exit(f"{missed} of {len(names)} goals missed" if missed else None)


def _meant_by(name: str) -> list[str]:
    return [each for each in BENCHES if each == name or each.startswith(f"{name}.")]


if __name__ == "__main__":
    main()

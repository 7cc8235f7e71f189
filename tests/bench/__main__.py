"""``python -m tests.bench [NAME ...]``: figures beside the goals they are held to."""

import argparse
import sys
from collections.abc import Callable

from tests.bench import due, sandbox_pages, tokens, vault, wire
from tests.bench.figure import Figure

BENCHES: dict[str, Callable[[], Figure]] = {
    "wire": wire.measure,
    "sandbox": sandbox_pages.measure,
    "engine": due.measure,
    "vault": vault.measure,
    "broker": tokens.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}")
    names = parser.parse_args().names or list(BENCHES)
    if unknown := [name for name in names if name not in BENCHES]:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(BENCHES)}")
    missed = 0
    for name in names:
        figure = BENCHES[name]()
        missed += not figure.holds
        sys.stdout.write(f"{name}: {figure}\n")
        sys.stdout.flush()
    sys.exit(f"{missed} of {len(names)} goals missed" if missed else None)


if __name__ == "__main__":
    main()

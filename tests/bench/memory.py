"""Whether a worker's memory grows with the runs that it has worked."""

from tests.bench.figure import Figure
from tests.bench.player import play

FIRST, LAST = 1000, 10_000
#: Growth between the two.
GOAL = 0.05


def measure() -> Figure:
    """One worker of the stack on PostgreSQL; its runs do nothing, so that many fit in minutes."""
    before, after = play("tests.bench.memory_held", FIRST, LAST)
    growth = after / before - 1
    return Figure(
        f"a worker's memory: {before:.0f} MB after {FIRST} runs, {after:.0f} MB after {LAST}: "
        f"{growth:+.1%} (goal below {GOAL:.0%})",
        holds=growth < GOAL,
    )

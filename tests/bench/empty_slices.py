"""What a slice costs in which nothing is to be done, and a doorbell for which nothing is there."""

from tests.bench.figure import Figure
from tests.bench.player import play

RUNS = 500
#: Milliseconds of processor time of one empty slice, from its doorbell to the next.
GOAL_MS = 25.0
#: The same for a doorbell that finds nothing to claim.
GOAL_IN_VAIN_MS = 6.0


def measure() -> Figure:
    """A slice is claimed, ended and followed by ringing for the next; all in one thread."""
    found = {
        name: play("tests.bench.empty_slices_worked", name, RUNS) for name in ("sqlite", "postgres")
    }
    told = [
        f"{name} {each['cpu_ms']:.0f} ms CPU ({each['wall_ms']:.0f} ms in all), "
        f"a doorbell in vain {each['vain_ms']:.1f} ms CPU"
        for name, each in found.items()
    ]
    return Figure(
        f"an empty slice: {'; '.join(told)}; goals {GOAL_MS:.0f} and {GOAL_IN_VAIN_MS:.0f} ms CPU",
        holds=all(
            each["cpu_ms"] <= GOAL_MS and each["vain_ms"] <= GOAL_IN_VAIN_MS
            for each in found.values()
        ),
    )

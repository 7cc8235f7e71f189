"""What a tick costs when 10,000 tenants are due at once, on both databases, with a real Redis."""

from tests.bench.databases import measured_on_both
from tests.bench.figure import Figure

TENANTS = 10_000
#: Seconds of one tick.
GOAL_S = 2.0


def measure() -> Figure:
    """Seconds from the tick's begin to its end, runs queued and doorbells rung."""
    measured = measured_on_both("tests.bench.due_tick", str(TENANTS))
    told = [
        f"{database} {found['tick_s']:.2f} s (five at once {found['five_s']:.2f} s, "
        f"with nothing due {found['idle_s'] * 1000:.0f} ms)"
        for database, found in measured.items()
    ]
    doubled = sum(found["doubled"] for found in measured.values())
    return Figure(
        f"tick with {TENANTS} tenants due: {', '.join(told)}; {doubled} duplicates; "
        f"goal {GOAL_S:.0f} s, 0 duplicates",
        holds=doubled == 0 and all(found["tick_s"] < GOAL_S for found in measured.values()),
    )

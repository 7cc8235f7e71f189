"""What it costs to move 10,000 sealed secrets to another key, on both databases."""

from tests.bench.databases import measured_on_both
from tests.bench.figure import Figure

SECRETS = 10_000
GOAL_S = 5.0


def measure() -> Figure:
    """Seconds of the rewrap, of a count per key and of a start-up proof."""
    measured = measured_on_both("tests.bench.vault_rewrap", str(SECRETS))
    told = [
        f"{database} {found['rewrap_s']:.2f} s (all opened in {found['verify_s']:.2f} s, counted "
        f"per key in {found['count_s'] * 1000:.0f} ms, keys proven in "
        f"{found['prove_s'] * 1000:.0f} ms)"
        for database, found in measured.items()
    ]
    lost = sum(found["lost"] for found in measured.values())
    return Figure(
        f"{SECRETS} secrets re-wrapped: {', '.join(told)}; {lost} lost; "
        f"goal {GOAL_S:.0f} s, 0 lost",
        holds=lost == 0 and all(found["rewrap_s"] < GOAL_S for found in measured.values()),
    )

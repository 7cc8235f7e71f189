"""How fast workers empty a full queue, beside what the orgs' latency alone allows."""

import os
from dataclasses import dataclass

from tests.bench.figure import Figure
from tests.bench.player import play

TENANTS = 2000
#: Few enough that the first worker has processor time left.
THREADS = 8
#: Requests of a run: a token, and then so many calls.
CALLS = 4
LATENCY_S = 0.1
FLEETS = {"postgres": (1, 2, 4), "sqlite": (1,)}
#: Of the ideal, for as long as there was processor time left.
GOAL = 0.8
#: The share of all processors, or of one by one worker, above which none was left.
FULL = 0.85


@dataclass(frozen=True)
class Drain:
    """What it took so many workers.

    ``other_cpu_s`` is what the orgs, Redis and the database server took, ``machine`` the share of
    all processors that was in use, by whomever.
    """

    workers: int
    requests: int
    took_s: float
    worker_cpu_s: float
    other_cpu_s: float
    machine: float

    @property
    def share(self) -> float:
        """Of the ideal, in which nothing takes any time but waiting for orgs."""
        return self.requests * LATENCY_S / (self.workers * THREADS) / self.took_s

    @property
    def of_one(self) -> float:
        """Of one processor, which is all that a worker can use."""
        return self.worker_cpu_s / self.workers / self.took_s

    @property
    def of_all(self) -> float:
        """Of all processors, by us."""
        return (self.worker_cpu_s + self.other_cpu_s) / self.took_s / (os.cpu_count() or 1)

    @property
    def is_full(self) -> bool:
        return max(self.of_one, self.of_all) >= FULL

    @property
    def holds(self) -> bool:
        return self.share >= GOAL or self.is_full

    def __str__(self) -> str:
        runs = self.requests / (CALLS + 1)
        return (
            f"{self.workers} x {THREADS} slots {self.took_s:.0f} s = {self.share:.2f} x, "
            f"{runs / self.took_s:.0f} runs/s, {1000 * self.worker_cpu_s / runs:.0f} ms CPU a run, "
            f"a worker used {self.of_one:.0%} of a processor, all of us {self.of_all:.0%} of the "
            f"machine, which was {self.machine:.0%} busy"
            f"{' (full)' if self.is_full else ''}"
        )


def measure() -> Figure:
    """Seconds from the tick that queues all until the last run has ended."""
    drains, told = [], []
    for database, fleets in FLEETS.items():
        found = [
            Drain(**each) for each in play("tests.bench.drain_load", database, TENANTS, *fleets)
        ]
        drains += found
        told += [f"{database} {'; '.join(map(str, found))}"]
    return Figure(
        f"{TENANTS} tenants x {CALLS + 1} requests at {LATENCY_S * 1000:.0f} ms: "
        f"{'; '.join(told)}; goal {GOAL} x the ideal until processors are full",
        holds=all(each.holds for each in drains),
    )

"""What this process counts, by Prometheus' conventions: units in names, counters only rise.

No label names a tenant: there are thousands, and whose work it was is nobody's business. How these
figures get from many processes to one page: ADR 0016.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.metrics_core import Metric


class Sample(NamedTuple):
    """A list of three in JSON, and read from it again."""

    name: str
    labels: dict[str, str]
    value: float


Figures = list[Sample]

REGISTRY = CollectorRegistry()

slice_seconds = Histogram(
    "oin_slice_seconds",
    "How long slices of runs took, by kind of run.",
    ["kind"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 90, 150),
    registry=REGISTRY,
)
runs_ended = Counter(
    "oin_runs_ended",
    "Runs that workers ended, by kind and state.",
    ["kind", "state"],
    registry=REGISTRY,
)
lease_losses = Counter(
    "oin_lease_losses", "Slices whose run had got another holder meanwhile.", registry=REGISTRY
)
token_requests = Counter(
    "oin_token_requests",
    "Tokens asked of the broker, by whence they came: memory, redis or okta (newly minted).",
    ["source"],
    registry=REGISTRY,
)
budget_waits = Histogram(
    "oin_budget_wait_seconds",
    "Waits for our share of an org's rate limits, as told to whoever wanted to send.",
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60),
    registry=REGISTRY,
)
tick_seconds = Histogram(
    "oin_tick_seconds",
    "How long ticks took, by who began them: beat, or a worker that found one overdue.",
    ["by"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
doorbells = Counter(
    "oin_doorbells",
    "Doorbells that workers answered: work was found, nothing to claim, or no run named.",
    ["found"],
    registry=REGISTRY,
)


def counted() -> Figures:
    """All samples of this process as they are now."""
    return [
        Sample(sample.name, dict(sample.labels), sample.value)
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if not sample.name.endswith("_created")  # of a process; of a sum it would say nothing
    ]


def summed(many: Iterable[Figures]) -> Figures:
    sums: dict[tuple[str, tuple[tuple[str, str], ...]], float] = defaultdict(float)
    for figures in many:
        for name, labels, value in figures:
            sums[name, tuple(sorted(labels.items()))] += value
    return [Sample(name, dict(labels), value) for (name, labels), value in sums.items()]


def less(figures: Figures, before: Figures) -> Figures:
    """What was counted since ``before``."""
    return summed([figures, [sample._replace(value=-sample.value) for sample in before]])


def families(figures: Figures) -> Iterator[Metric]:
    """The samples under their help and type. What this version does not know is left out."""
    of_name = defaultdict(list)
    for sample in figures:
        of_name[sample[0]].append(Sample(*sample))
    for known in REGISTRY.collect():
        metric = Metric(known.name, known.documentation, known.type)
        for suffix in ("", "_total", "_bucket", "_count", "_sum"):
            for name, labels, value in of_name[known.name + suffix]:
                metric.add_sample(name, labels, value)
        yield metric

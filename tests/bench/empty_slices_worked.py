"""Part of ``empty_slices``: ``python -m tests.bench.empty_slices_worked DATABASE RUNS``."""

import json
import sys
import time
import uuid
from collections.abc import Iterable

from tests.bench.figure import progress
from tests.bench.hub import hub

#: Slices before those that count: what is imported and connected on first use.
WARM = 20


def main(database: str, runs: int) -> dict[str, float]:
    with hub(database):
        from tenants.models import Run  # noqa: PLC0415  (Django is set up now)
        from tests.bench import load_kinds, tenants_under_load  # noqa: F401, PLC0415

        progress(f"{database}: {runs} empty slices")
        tenants_under_load.seed(runs + WARM)
        tenants_under_load.queue_all()
        ids = list(Run.objects.values_list("pk", flat=True))
        _work(ids[:WARM])
        wall_ms, cpu_ms = _work(ids[WARM:])
        if lost := tenants_under_load.unsuccessful():
            raise RuntimeError(f"{lost} runs did not succeed")
        _, vain_ms = _work([uuid.uuid4() for _ in range(runs)])
    return {"wall_ms": wall_ms, "cpu_ms": cpu_ms, "vain_ms": vain_ms}


def _work(ids: Iterable[uuid.UUID]) -> tuple[float, float]:
    """Do what a worker does at each doorbell; milliseconds of each, all and processor's."""
    from tenants.tasks import run_slice  # noqa: PLC0415

    named = [str(each) for each in ids]
    began, used = time.perf_counter(), time.process_time()
    for each in named:
        run_slice(each)
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - used
    return 1000 * took_s / len(named), 1000 * cpu_s / len(named)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], int(sys.argv[2]))) + "\n")

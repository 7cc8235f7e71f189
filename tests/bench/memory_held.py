"""Part of ``memory``: ``python -m tests.bench.memory_held RUNS …``."""

import json
import sys

from tests.bench.figure import progress
from tests.bench.hub import hub, wait_until
from tests.bench.usage import memory_mb

#: Tenants, and so runs in one filling of the queue.
TENANTS = 1000


def main(marks: list[int]) -> list[float]:
    """Megabytes that one worker holds after so many runs."""
    held, done = [], 0
    with hub("postgres") as service:
        from tests.bench import tenants_under_load  # noqa: PLC0415  (Django is set up now)

        tenants_under_load.seed(TENANTS)
        service.start_beat()
        with service.workers(1) as (worker,):
            for mark in marks:
                while done < mark:
                    tenants_under_load.queue_all()
                    wait_until(tenants_under_load.are_done)
                    done += TENANTS
                    progress(f"{done} runs, {memory_mb(worker):.1f} MB")
                held.append(memory_mb(worker))
    return held


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main([int(each) for each in sys.argv[1:]])) + "\n")

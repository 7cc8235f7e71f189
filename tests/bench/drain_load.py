"""Part of ``drain``: ``python -m tests.bench.drain_load DATABASE TENANTS WORKERS …``."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.bench.drain import CALLS, LATENCY_S, THREADS
from tests.bench.figure import progress
from tests.bench.hub import Hub, hub, wait_until
from tests.bench.usage import cpu_s, machine_s


def main(database: str, tenants: int, fleets: list[int]) -> list[dict[str, Any]]:
    with hub(database) as service:
        from tests.bench.tenants_under_load import seed  # noqa: PLC0415  (Django is set up now)

        okta = service.start_okta()
        progress(f"{database}: {tenants} tenants with an org each")
        seed(tenants, okta)
        okta.do("*", "fault", fault={"action": "delay", "seconds": LATENCY_S})
        service.start_beat()
        return [_drained(service, workers) for workers in fleets]


def _drained(service: Hub, workers: int) -> dict[str, Any]:
    from tenants.models import Run  # noqa: PLC0415
    from tests.bench.tenants_under_load import are_done, queue_all, unsuccessful  # noqa: PLC0415

    Run.objects.all().delete()
    service.forget_tokens()
    with service.workers(workers, calls=CALLS, threads=THREADS) as pids:
        progress(f"a full queue for {workers}")
        with _measured(service, pids) as used:
            queue_all()
            wait_until(are_done)
    if lost := unsuccessful():
        raise RuntimeError(f"{lost} runs did not succeed")
    sums = Run.objects.values_list("call_count", "token_count")
    return {"workers": workers, "requests": sum(map(sum, sums)), **used}


@contextmanager
def _measured(service: Hub, workers: list[int]) -> Iterator[dict[str, float]]:
    """Fills in the seconds from begin to end, and what they cost in processor time."""
    used: dict[str, float] = {}
    others = service.pids.values()
    began, busy, had = time.monotonic(), *machine_s()
    worker_s, other_s = sum(map(cpu_s, workers)), sum(map(cpu_s, others))
    yield used
    busy_now, had_now = machine_s()
    used["took_s"] = time.monotonic() - began
    used["worker_cpu_s"] = sum(map(cpu_s, workers)) - worker_s
    used["other_cpu_s"] = sum(map(cpu_s, others)) - other_s
    used["machine"] = (busy_now - busy) / (had_now - had)


if __name__ == "__main__":
    name, count, *wanted = sys.argv[1:]
    sys.stdout.write(json.dumps(main(name, int(count), [int(each) for each in wanted])) + "\n")

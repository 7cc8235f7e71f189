"""Part of ``due``: seeds the database that the environment names, ticks, and prints the seconds."""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oin_service.settings")
django.setup()

from django.core.management import call_command  # noqa: E402  (after Django is set up)
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402

import oin_service.celery  # noqa: E402, F401  (the broker that doorbells go to)
from tenants.choices import RunKind, TenantState  # noqa: E402
from tenants.models import Job, Run, Tenant  # noqa: E402
from tenants.runs import dispatch  # noqa: E402

TICKS_AT_ONCE = 5


def main(tenants: int) -> dict[str, float]:
    call_command("migrate", verbosity=0)
    _seed(tenants)
    tick_s = _seconds_of_a_tick()
    doubled = _doubled(tenants)
    idle_s = _seconds_of_a_tick()
    Run.objects.all().delete()
    _make_due()
    five_s = _seconds_of_many()
    doubled += _doubled(tenants)
    return {"tick_s": tick_s, "idle_s": idle_s, "five_s": five_s, "doubled": doubled}


def _seed(count: int) -> None:
    tenants = [Tenant(name=f"{number:05}", state=TenantState.CONNECTED) for number in range(count)]
    Tenant.objects.bulk_create(tenants)
    later = datetime.now(UTC) + timedelta(hours=3)
    intervals = ((RunKind.SYNC, 3600), (RunKind.AUDIT, 86_400))
    Job.objects.bulk_create(
        Job(tenant=tenant, kind=kind, every_s=every_s, next_run_at=later)
        for tenant in tenants
        for kind, every_s in intervals
    )
    _make_due()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _make_due() -> None:
    due = datetime.now(UTC) - timedelta(minutes=5)
    Job.objects.filter(kind=RunKind.SYNC).update(next_run_at=due)


def _seconds_of_a_tick() -> float:
    began = time.perf_counter()
    dispatch.tick()
    return time.perf_counter() - began


def _seconds_of_many() -> float:
    """Until the last of several ticks that begin together has ended."""

    def tick(_: int) -> None:
        try:
            dispatch.tick()
        finally:
            connection.close()

    began = time.perf_counter()
    with ThreadPoolExecutor(TICKS_AT_ONCE) as ticks:
        list(ticks.map(tick, range(TICKS_AT_ONCE)))
    return time.perf_counter() - began


def _doubled(tenants: int) -> int:
    """Runs beside the one that each tenant should have, and those that are missing."""
    counts = dict(Run.objects.values_list("tenant").annotate(runs=Count("pk")).order_by())
    return sum(abs(runs - 1) for runs in counts.values()) + tenants - len(counts)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]))) + "\n")

"""``/metrics`` for Prometheus: the fleet as the database knows it, and what all workers counted."""

import hmac
from collections.abc import Iterator
from ipaddress import ip_address

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tenants import figures
from tenants.dashboard.selectors.fleet import tenants_by_health
from tenants.models import FleetPause
from tenants.runs import status, workers


def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever has the token; without one set, for this machine. For others there is no page."""
    if not _may_read(request):
        raise Http404
    return _page(request)


@require_safe
def _page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(generate_latest(_Fleet()), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
        given = request.headers.get("Authorization", "").encode(errors="replace")
        return hmac.compare_digest(given, wanted)
    # Behind a proxy everybody may seem to be of this machine.
    forwarded = settings.BEHIND_PROXY or {"X-Forwarded-For", "Forwarded"} & set(request.headers)
    return not forwarded and _is_ours(request.META["REMOTE_ADDR"])


def _is_ours(address: str) -> bool:
    """Whether it is this machine's own; nobody's, where there is none."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


class _Fleet(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from _queue()
        yield from _workers()
        yield from _tenants()
        yield from figures.families(workers.figures_of_all())


def _queue() -> Iterator[Metric]:
    due = _gauge("oin_queue_due_runs", "Runs that a worker could take now.", "urgency")
    age = _gauge("oin_queue_oldest_due_seconds", "For how long the first has been due.", "urgency")
    for queue in status.queue_classes():
        due.add_metric([queue.urgency.label], queue.due)
        age.add_metric([queue.urgency.label], queue.age_s)
    runs = _gauge("oin_runs_live", "Runs that have not ended.", "state")
    for state, count in status.live_runs().items():
        runs.add_metric([state], count)
    yield from (due, age, runs)
    yield _figure(
        "oin_schedule_late_seconds",
        "For how long the first of the standing jobs should have been queued.",
        status.schedule_late_s(),
    )
    paused = FleetPause.objects.exists()
    yield _figure("oin_fleet_paused", "Whether an operator has paused the fleet.", paused)


def _workers() -> Iterator[Metric]:
    living = list(workers.living().only("slots", "busy", "redis_away_at"))
    yield _figure("oin_workers", "Worker processes that give signs of life.", len(living))
    slots = sum(worker.slots for worker in living)
    yield _figure("oin_worker_slots", "Their slots.", slots)
    busy = sum(worker.busy for worker in living)
    yield _figure("oin_worker_slots_busy", "Slots with a slice in them.", busy)
    away = sum(worker.redis_away_at is not None for worker in living)
    yield _figure("oin_workers_without_redis", "Workers that cannot reach Redis.", away)
    last = workers.last_moments()
    for name, at, help_text in (
        ("oin_tick_age_seconds", last.ticked, "Since the last tick, whoever began it."),
        ("oin_beat_age_seconds", last.beaten, "Since the last tick that beat rang for."),
    ):
        if at:  # a figure that is not there can be alerted on, a made-up one cannot
            yield _figure(name, help_text, max(0.0, (timezone.now() - at).total_seconds()))


def _tenants() -> Iterator[Metric]:
    tenants = _gauge("oin_tenants", "Tenants by health, as the fleet page has it.", "health")
    for health, count in tenants_by_health().items():
        tenants.add_metric([health], count)
    orgs = _gauge(
        "oin_breakers", "Orgs that do not answer, by the state of their breaker.", "state"
    )
    found = status.breakers()
    for state in ("open", "half_open", "failing"):
        orgs.add_metric([state], getattr(found, state))
    yield from (tenants, orgs)


def _gauge(name: str, help_text: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, labels=[label])


def _figure(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, value=float(value))

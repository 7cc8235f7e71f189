"""What the demo came to, in numbers."""

from typing import Any

from django.db.models import Count, Sum

from tenants.choices import FindingState, Severity, TenantState
from tenants.models import Finding, Resource, Run, Tenant


def report(seconds: float) -> dict[str, Any]:
    """One JSON object: tenants, tokens, calls, resources per kind, findings per severity."""
    sums = Run.objects.aggregate(calls=Sum("call_count"), tokens=Sum("token_count"))
    live = Resource.objects.filter(removed_at=None).values_list("kind")
    found = Finding.objects.filter(state=FindingState.OPEN).values_list("severity")
    by_severity = dict(found.annotate(count=Count("pk")))
    return {
        "tenants_connected": Tenant.objects.filter(state=TenantState.CONNECTED).count(),
        "tokens_requested": sums["tokens"] or 0,
        "api_calls": sums["calls"] or 0,
        "resources": dict(live.annotate(count=Count("pk")).order_by("kind")),
        "findings": {severity: by_severity.get(severity, 0) for severity in Severity.values},
        "seconds": round(seconds, 1),
    }

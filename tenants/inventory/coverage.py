"""How much of each kind could be read, and how fresh that is."""

from typing import Any

from django.utils import timezone

from tenants.choices import Completeness
from tenants.models import Coverage, Run, Tenant


def ever_complete(tenant: Tenant) -> frozenset[str]:
    """Kinds that were read completely at least once."""
    complete = Coverage.objects.for_tenant(tenant).filter(complete_at__isnull=False)
    return frozenset(complete.values_list("kind", flat=True))


def keep_coverage(run: Run, kinds: dict[str, dict[str, Any]]) -> None:
    """Note what a finished sync could read of each kind."""
    now = timezone.now()
    for name, told in kinds.items():
        facts = {
            "completeness": told["completeness"],
            "reason_code": told["reason_code"],
            "reason": told["reason"],
            "unread_parents": told["unread"],
            "checked_at": now,
        }
        if told["completeness"] == Completeness.COMPLETE:
            facts["complete_at"] = now
        Coverage.objects.update_or_create(tenant=run.tenant, kind=name, defaults=facts)

"""How much of each kind could be read, and how fresh that is."""

from typing import Any

from django.utils import timezone

from tenants.choices import Completeness
from tenants.models import Coverage, Run, Tenant

_TOLD = ["completeness", "reason_code", "reason", "unread_parents", "checked_at"]


def ever_complete(tenant: Tenant) -> frozenset[str]:
    """Kinds that were read completely at least once."""
    complete = Coverage.objects.for_tenant(tenant).filter(complete_at__isnull=False)
    return frozenset(complete.values_list("kind", flat=True))


def keep_coverage(run: Run, kinds: dict[str, dict[str, Any]]) -> None:
    """Note what a finished sync could read of each kind.

    One that was not complete keeps the time at which it last was.
    """
    now = timezone.now()
    complete: list[Coverage] = []
    wanting: list[Coverage] = []
    for name, told in kinds.items():
        is_complete = told["completeness"] == Completeness.COMPLETE
        (complete if is_complete else wanting).append(
            Coverage(
                tenant=run.tenant,
                kind=name,
                completeness=told["completeness"],
                reason_code=told["reason_code"],
                reason=told["reason"],
                unread_parents=told["unread"],
                checked_at=now,
                complete_at=now if is_complete else None,
            )
        )
    _keep(complete, [*_TOLD, "complete_at"])
    _keep(wanting, _TOLD)


def _keep(rows: list[Coverage], columns: list[str]) -> None:
    Coverage.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["tenant", "kind"], update_fields=columns
    )

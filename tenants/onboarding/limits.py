"""How often a customer may send credentials. Counted from rows: losing a cache loosens nothing."""

from datetime import timedelta
from math import ceil

from django.utils import timezone

from tenants.choices import RunKind
from tenants.models import Run, Tenant

#: Each submission makes us call an org with a guess at its secret.
SUBMISSIONS_MAX = 10
WINDOW = timedelta(minutes=10)


def wait_before_next_s(tenant: Tenant) -> int:
    """Seconds until this tenant may submit again; 0 when it may now."""
    now = timezone.now()
    sent = (
        Run.objects.for_tenant(tenant)
        .filter(kind=RunKind.VERIFY, created_at__gt=now - WINDOW)
        .order_by("-created_at")
        .values_list("created_at", flat=True)[:SUBMISSIONS_MAX]
    )
    if len(sent) < SUBMISSIONS_MAX:
        return 0
    return ceil((sent[SUBMISSIONS_MAX - 1] + WINDOW - now).total_seconds())

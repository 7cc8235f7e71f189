"""What tokens were used for, in words, and what it says about our clock."""

from datetime import timedelta

from django.db.models import QuerySet, Subquery
from django.utils import timezone

from tenants.choices import RunKind
from tenants.models import Tenant, TokenUse

#: For so long a clock that was wrong is told of, after the last answer that showed it.
CLOCK_TOLD = timedelta(hours=2)

_PURPOSES: dict[str, str] = {
    RunKind.VERIFY: "Proving the connection",
    RunKind.SYNC: "Reading the configuration",
    RunKind.AUDIT: "Checking the configuration",
    RunKind.APPLY: "Making changes in the org",
    RunKind.DISCONNECT: "Ending the connection",
    RunKind.ROTATE: "Replacing the client secret",
    "token": "Token for an operator",
}
_CALL = "call:"


def token_uses(tenant: Tenant) -> "QuerySet[TokenUse]":
    return TokenUse.objects.for_tenant(tenant)


def purpose_in_words(purpose: str) -> str:
    if purpose.startswith(_CALL):
        return f"Call by hand: {purpose.removeprefix(_CALL)}"
    return _PURPOSES.get(purpose, purpose)


def clock_off_s() -> Subquery:
    """By how much our clock was ahead of Okta's lately, null while they agree; for a query that is
    made anyway."""
    lately = TokenUse.objects.filter(hour__gte=timezone.now() - CLOCK_TOLD)
    told = lately.filter(clock_off_s__isnull=False).order_by("-hour")
    return Subquery(told.values("clock_off_s")[:1])

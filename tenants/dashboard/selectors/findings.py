"""Findings of one tenant, worst first, and what each rule came to."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.http import QueryDict

from tenants.audit.rules import RULES
from tenants.choices import FindingState, Severity
from tenants.dashboard.paging import Page, keyset_page
from tenants.models import Finding, RuleVerdict, Tenant

_RANK = Case(
    *(When(severity=severity, then=Value(rank)) for rank, severity in enumerate(Severity)),
    output_field=IntegerField(),
)


@dataclass(frozen=True)
class VerdictRow:
    slug: str
    title: str
    #: None until an audit has evaluated the rule.
    verdict: RuleVerdict | None
    open_count: int


def findings_page(tenant: Tenant, wanted: dict[str, Any], query: QueryDict) -> Page:
    rows = _findings(tenant, wanted.get("state", FindingState.OPEN))
    exact = {field: wanted[field] for field in ("severity", "rule") if field in wanted}
    rows = rows.filter(**exact).select_related("resource").defer("resource__body")
    return keyset_page(rows.annotate(rank=_RANK), ("rank", "rule", "id"), query)


def severity_counts(tenant: Tenant) -> list[tuple[str, int]]:
    """How many findings are open of each severity, the worst first."""
    open_ones = _findings(tenant, FindingState.OPEN)
    counts = dict(open_ones.values_list("severity").annotate(n=Count("pk")).order_by())
    return [(severity.value, counts.get(severity.value, 0)) for severity in Severity]


def verdict_rows(tenant: Tenant) -> list[VerdictRow]:
    """Every rule there is, also those that no audit has evaluated yet."""
    verdicts = {row.rule: row for row in RuleVerdict.objects.for_tenant(tenant)}
    open_ones = _findings(tenant, FindingState.OPEN)
    counts = dict(open_ones.values_list("rule").annotate(n=Count("pk")).order_by())
    return [
        VerdictRow(slug, rule.title, verdicts.get(slug), counts.get(slug, 0))
        for slug, rule in RULES.items()
    ]


def _findings(tenant: Tenant, state: str) -> QuerySet[Finding]:
    return Finding.objects.for_tenant(tenant).filter(state=state)

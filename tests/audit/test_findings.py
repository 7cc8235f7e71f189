"""What a rule's verdict does to its findings, for few resources and for many."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants.audit.evaluation import Evaluation, evaluate, keep
from tenants.audit.mirror import Mirror
from tenants.audit.rules import RULES
from tenants.choices import Completeness, FindingState, RuleResult, RunKind, Trigger
from tenants.inventory.kinds import KINDS
from tenants.models import Coverage, Finding, Resource, Run, Tenant
from tenants.runs.queue import run_queue
from tests.audit.orgs import app

pytestmark = pytest.mark.django_db

APPS = 300


@pytest.fixture
def audit(tenant: Tenant) -> Run:
    for kind in KINDS:
        Coverage.objects.create(
            tenant=tenant,
            kind=kind,
            completeness=Completeness.COMPLETE,
            checked_at=tenant.created_at,
        )
    rows = [app("http://app.example/cb") for _ in range(APPS)]
    for number, row in enumerate(rows):
        row.tenant, row.okta_id = tenant, f"0oa{number}"
    Resource.objects.bulk_create(rows)
    return run_queue(tenant=tenant, kind=RunKind.AUDIT, trigger=Trigger.OPERATOR)


def _evaluation(run: Run) -> Evaluation:
    return evaluate(RULES["APP-12"], Mirror(run.tenant))


def _mend(tenant: Tenant, count: int) -> None:
    some = Resource.objects.filter(tenant=tenant).values_list("pk", flat=True)[:count]
    Resource.objects.filter(pk__in=list(some)).update(status="INACTIVE")


def _states(tenant: Tenant) -> list[str]:
    return sorted(Finding.objects.filter(tenant=tenant).values_list("state", flat=True))


def test_many_failures_cost_few_queries(audit: Run) -> None:
    evaluation = _evaluation(audit)

    with CaptureQueriesContext(connection) as queries:
        keep(audit, evaluation)

    assert _states(audit.tenant) == [FindingState.OPEN] * APPS
    assert len(queries) < APPS / 5


def test_what_is_still_wrong_is_not_written_again(audit: Run) -> None:
    keep(audit, _evaluation(audit))

    with CaptureQueriesContext(connection) as queries:
        keep(audit, _evaluation(audit))

    table = Finding._meta.db_table
    assert not any(f'{verb} "{table}"' in q["sql"] for q in queries for verb in ("INTO", "UPDATE"))


def test_an_evaluation_keeps_no_bodies(audit: Run) -> None:
    evaluation = _evaluation(audit)

    assert not any(isinstance(held, Resource) for held in evaluation.failures)


def test_mended_ones_resolve_and_a_relapse_opens_them_anew(audit: Run) -> None:
    tenant = audit.tenant
    keep(audit, _evaluation(audit))
    first = Finding.objects.latest("opened_at").opened_at
    _mend(tenant, 100)
    keep(audit, _evaluation(audit))
    after_mending = _states(tenant)

    Resource.objects.update(status="ACTIVE")
    keep(audit, _evaluation(audit))

    assert after_mending.count(FindingState.RESOLVED) == 100
    assert _states(tenant) == [FindingState.OPEN] * APPS
    assert Finding.objects.filter(opened_at__gt=first, resolved_at=None).count() == 100


def test_what_could_not_be_told_keeps_its_findings(audit: Run) -> None:
    keep(audit, _evaluation(audit))
    Coverage.objects.filter(kind="app").update(
        completeness=Completeness.PARTIAL, reason="refused", unread_parents=[""]
    )

    evaluation = _evaluation(audit)
    keep(audit, evaluation)

    assert evaluation.result == RuleResult.UNKNOWN
    assert _states(audit.tenant) == [FindingState.OPEN] * APPS


def test_another_tenants_findings_are_left_alone(audit: Run) -> None:
    keep(audit, _evaluation(audit))
    other = Tenant.objects.create(name="Globex", contact_email="it@globex.example")
    theirs = run_queue(tenant=other, kind=RunKind.AUDIT, trigger=Trigger.OPERATOR)

    keep(theirs, Evaluation(RULES["APP-12"], RuleResult.PASS, checked_count=1))

    assert _states(audit.tenant) == [FindingState.OPEN] * APPS

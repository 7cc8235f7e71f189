"""Planted weaknesses are found, clean orgs are left in peace, and findings follow the org."""

import pytest

from tenants.audit.rules import RULES
from tenants.choices import FindingState, RuleResult, RunKind, RunState, Severity
from tenants.models import Finding, RuleVerdict, Tenant
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.service import Submit, run_once, work_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def weak(sandbox: Sandbox) -> Org:
    return sandbox.add_org("initech.okta.com", apps=25, weak=True)


@pytest.fixture
def audited(tenant: Tenant, weak: Org, submit: Submit) -> Tenant:
    submit(weak)
    work_all()
    tenant.refresh_from_db()
    return tenant


def _open(tenant: Tenant, rule: str) -> set[str]:
    found = Finding.objects.filter(tenant=tenant, rule=rule, state=FindingState.OPEN)
    return set(found.values_list("resource__okta_id", flat=True))


def _verdict(tenant: Tenant, rule: str) -> RuleVerdict:
    return RuleVerdict.objects.get(tenant=tenant, rule=rule)


@pytest.mark.parametrize("rule", RULES)
def test_exactly_the_planted_weaknesses_are_found(audited: Tenant, weak: Org, rule: str) -> None:
    assert weak.planted[rule]
    assert _open(audited, rule) == weak.planted[rule]
    assert _verdict(audited, rule).result == RuleResult.FAIL


def test_a_clean_org_has_no_finding(connected: Tenant) -> None:
    results = set(RuleVerdict.objects.filter(tenant=connected).values_list("result", flat=True))

    assert not Finding.objects.filter(tenant=connected).exists()
    assert results <= {RuleResult.PASS, RuleResult.NOT_APPLICABLE}
    assert RuleResult.PASS in results


def test_findings_carry_evidence_from_the_body(audited: Tenant) -> None:
    finding = Finding.objects.filter(rule="AS-04").latest("severity")

    evidence = {row["path"]: row["value"] for row in finding.evidence}
    minutes = evidence["actions.token.accessTokenLifetimeMinutes"]
    assert minutes == finding.resource.body["actions"]["token"]["accessTokenLifetimeMinutes"]
    assert minutes > 60


def test_a_mended_weakness_resolves_and_a_relapse_opens_it_again(
    audited: Tenant, weak: Org
) -> None:
    app_id = min(weak.planted["APP-12"])
    bad = weak.get("app", app_id)
    client = {**bad["settings"]["oauthClient"], "redirect_uris": ["https://app.example/callback"]}
    weak.put("app", {**bad, "settings": {**bad["settings"], "oauthClient": client}})
    run_once(audited, RunKind.SYNC)
    after_mending = _open(audited, "APP-12")

    weak.put("app", bad)
    run_once(audited, RunKind.SYNC)

    assert app_id not in after_mending
    assert _open(audited, "APP-12") == weak.planted["APP-12"]
    assert Finding.objects.filter(tenant=audited, resource__okta_id=app_id).count() == 1


def test_what_is_not_licensed_is_not_applicable(tenant: Tenant, weak: Org, submit: Submit) -> None:
    weak.licensed = False

    submit(weak)
    work_all()

    verdict = _verdict(tenant, "AS-02")
    assert verdict.result == RuleResult.NOT_APPLICABLE
    assert "not licensed" in verdict.reason
    assert _verdict(tenant, "APP-12").result == RuleResult.FAIL


def test_what_could_not_be_read_is_unknown_and_keeps_its_findings(
    audited: Tenant, weak: Org
) -> None:
    audited.coverage.filter(kind="as_rule").update(
        completeness="failed", reason="Missing scope: okta.authorizationServers.read"
    )

    run = run_once(audited, RunKind.AUDIT)

    verdict = _verdict(audited, "AS-02")
    assert run.state == RunState.SUCCEEDED
    assert verdict.result == RuleResult.UNKNOWN
    assert "okta.authorizationServers.read" in verdict.reason
    assert _open(audited, "AS-02") == weak.planted["AS-02"]


def test_rules_inside_an_unread_policy_are_unknown_and_others_are_judged(
    audited: Tenant, weak: Org
) -> None:
    rule = Finding.objects.filter(rule="AS-02").first()
    assert rule is not None
    audited.coverage.filter(kind="as_rule").update(
        completeness="partial", reason="refused", unread_parents=[rule.resource.parent]
    )

    run_once(audited, RunKind.AUDIT)

    verdict = _verdict(audited, "AS-02")
    assert verdict.unknown_count >= 1
    assert verdict.result == RuleResult.FAIL
    assert _open(audited, "AS-02") == weak.planted["AS-02"]


def test_an_audit_needs_no_token(audited: Tenant, weak: Org) -> None:
    before = len(weak.requests)

    run = run_once(audited, RunKind.AUDIT)

    assert len(weak.requests) == before
    assert (run.call_count, run.token_count) == (0, 0)


def test_severity_follows_the_rule(audited: Tenant) -> None:
    severities = set(Finding.objects.values_list("severity", flat=True))

    assert Severity.CRITICAL in severities or Severity.HIGH in severities
    assert severities <= set(Severity)

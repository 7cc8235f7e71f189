"""One rule over one tenant: what it comes to, and what that does to its findings."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from tenants.audit.mirror import Mirror
from tenants.audit.rule import Failure, Judgement, Rule
from tenants.choices import Completeness, FindingState, RuleResult
from tenants.inventory.kinds import KINDS
from tenants.models import Finding, RuleVerdict, Run

#: Columns of a finding that follow the verdict.
_FOLLOWING = ("severity", "summary", "evidence", "state", "opened_at", "resolved_at")


@dataclass
class Evaluation:
    """The judgements of one rule, and the rule's verdict on the whole tenant.

    Resources are kept by their ids: the bodies of a large org would fill a worker's memory.
    """

    rule: Rule
    result: RuleResult
    reason: str = ""
    failures: dict[UUID, Failure] = field(default_factory=dict)
    unknown: set[UUID] = field(default_factory=set)
    checked_count: int = 0


def evaluate(rule: Rule, mirror: Mirror) -> Evaluation:
    """Judge everything the rule is about. What could not be read is unknown, never a pass."""
    for kind in rule.reads:
        if barred := _barred(rule, mirror, kind):
            return barred
    evaluation = Evaluation(rule, RuleResult.PASS)
    for judgement in rule.judge(mirror):
        _count(evaluation, mirror, judgement)
    return _concluded(evaluation, mirror)


def _barred(rule: Rule, mirror: Mirror, kind: str) -> Evaluation | None:
    """The verdict when a kind is missing altogether; None when it can be judged."""
    told = mirror.coverage(kind)
    if told is None:
        reason = f"{KINDS[kind].plural} were never read."
        return Evaluation(rule, RuleResult.UNKNOWN, reason)
    if told.completeness == Completeness.UNAVAILABLE:
        reason = f"{KINDS[kind].plural} are not licensed in this org."
        return Evaluation(rule, RuleResult.NOT_APPLICABLE, reason)
    if told.completeness == Completeness.FAILED:
        reason = f"{KINDS[kind].plural} could not be read. {told.reason}"
        return Evaluation(rule, RuleResult.UNKNOWN, reason)
    return None


def _count(evaluation: Evaluation, mirror: Mirror, judgement: Judgement) -> None:
    resource = judgement.resource
    unknown = judgement.unknown or mirror.unread_reason(resource.kind, resource.parent)
    evaluation.checked_count += 1
    if unknown:
        evaluation.unknown.add(resource.pk)
        evaluation.reason = unknown
    elif judgement.failure:
        evaluation.failures[resource.pk] = judgement.failure


def _concluded(evaluation: Evaluation, mirror: Mirror) -> Evaluation:
    partial = [mirror.coverage(kind) for kind in evaluation.rule.reads]
    gaps = [told for told in partial if told and told.completeness == Completeness.PARTIAL]
    if gaps and not evaluation.reason:
        evaluation.reason = f"{KINDS[gaps[0].kind].plural}: {gaps[0].reason}"
    if evaluation.failures:
        evaluation.result = RuleResult.FAIL
    elif evaluation.unknown or gaps:
        evaluation.result = RuleResult.UNKNOWN
    elif not evaluation.checked_count:
        evaluation.result = RuleResult.NOT_APPLICABLE
        evaluation.reason = "The org has nothing that this rule is about."
    return evaluation


def keep(run: Run, evaluation: Evaluation) -> None:
    """Open, change and resolve findings, and store the verdict; inside the step's transaction.

    Findings on what could not be judged stay as they are.
    """
    now = timezone.now()
    of_rule = Finding.objects.for_tenant(run.tenant).filter(rule=evaluation.rule.slug)
    known = {finding.resource_id: finding for finding in of_rule}
    new = [
        Finding(
            tenant=run.tenant,
            rule=evaluation.rule.slug,
            resource_id=resource_id,
            opened_at=now,
            **_told(failure),
        )
        for resource_id, failure in evaluation.failures.items()
        if resource_id not in known
    ]
    differing = [finding for finding in known.values() if _follow(finding, evaluation, now)]
    Finding.objects.bulk_create(new, batch_size=200)
    Finding.objects.bulk_update(differing, _FOLLOWING, batch_size=100)
    _keep_verdict(run, evaluation)


def _told(failure: Failure) -> dict[str, Any]:
    return {
        "severity": failure.severity,
        "summary": failure.summary[:300],
        "evidence": [{"path": path, "value": found} for path, found in failure.evidence.items()],
    }


def _follow(finding: Finding, evaluation: Evaluation, now: datetime) -> bool:
    """Bring a finding in line with the verdict; False when it says so already."""
    if failure := evaluation.failures.get(finding.resource_id):
        return _set(finding, _told(failure)) | _reopen(finding, now)
    if finding.state != FindingState.OPEN or not _is_settled(finding, evaluation):
        return False
    return _set(finding, {"state": FindingState.RESOLVED, "resolved_at": now})


def _reopen(finding: Finding, now: datetime) -> bool:
    if finding.state == FindingState.OPEN:
        return False
    return _set(finding, {"state": FindingState.OPEN, "opened_at": now, "resolved_at": None})


def _is_settled(finding: Finding, evaluation: Evaluation) -> bool:
    barred = evaluation.result == RuleResult.UNKNOWN and not evaluation.checked_count
    return not barred and finding.resource_id not in evaluation.unknown


def _set(finding: Finding, values: dict[str, Any]) -> bool:
    """Set what differs; True when something did."""
    differing = {name: value for name, value in values.items() if getattr(finding, name) != value}
    for name, value in differing.items():
        setattr(finding, name, value)
    return bool(differing)


def _keep_verdict(run: Run, evaluation: Evaluation) -> None:
    verdict = {
        "result": evaluation.result,
        "reason": evaluation.reason[:300],
        "checked_count": evaluation.checked_count,
        "failed_count": len(evaluation.failures),
        "unknown_count": len(evaluation.unknown),
        "run": run,
        "evaluated_at": timezone.now(),
    }
    RuleVerdict.objects.bulk_create(
        [RuleVerdict(tenant=run.tenant, rule=evaluation.rule.slug, **verdict)],
        update_conflicts=True,
        unique_fields=["tenant", "rule"],
        update_fields=list(verdict),
    )

"""One rule over one tenant: what it comes to, and what that does to its findings."""

from dataclasses import dataclass, field

from django.utils import timezone

from tenants.audit.mirror import Mirror
from tenants.audit.rule import Failure, Judgement, Rule
from tenants.choices import Completeness, FindingState, RuleResult
from tenants.inventory.kinds import KINDS
from tenants.models import Finding, Resource, RuleVerdict, Run


@dataclass
class Evaluation:
    """The judgements of one rule, and the rule's verdict on the whole tenant."""

    rule: Rule
    result: RuleResult
    reason: str = ""
    failures: list[tuple[Resource, Failure]] = field(default_factory=list)
    unknown: list[Resource] = field(default_factory=list)
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
        evaluation.unknown.append(resource)
        evaluation.reason = unknown
    elif judgement.failure:
        evaluation.failures.append((resource, judgement.failure))


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
    for resource, failure in evaluation.failures:
        _open(run, evaluation, resource, failure)
    _resolve(run, evaluation)
    _keep_verdict(run, evaluation)


def _open(run: Run, evaluation: Evaluation, resource: Resource, failure: Failure) -> None:
    finding = Finding.objects.for_tenant(run.tenant).filter(
        rule=evaluation.rule.slug, resource=resource
    )
    told = {
        "severity": failure.severity,
        "summary": failure.summary[:300],
        "evidence": [{"path": path, "value": found} for path, found in failure.evidence.items()],
    }
    if finding.filter(state=FindingState.OPEN).update(**told):
        return
    anew = {**told, "state": FindingState.OPEN, "opened_at": timezone.now(), "resolved_at": None}
    Finding.objects.update_or_create(
        tenant=run.tenant, rule=evaluation.rule.slug, resource=resource, defaults=anew
    )


def _resolve(run: Run, evaluation: Evaluation) -> None:
    if evaluation.result == RuleResult.UNKNOWN and not evaluation.checked_count:
        return
    open_ones = Finding.objects.for_tenant(run.tenant).filter(
        rule=evaluation.rule.slug, state=FindingState.OPEN
    )
    failing = [resource.pk for resource, _ in evaluation.failures]
    unknown = [resource.pk for resource in evaluation.unknown]
    settled = open_ones.exclude(resource__in=failing + unknown)
    settled.update(state=FindingState.RESOLVED, resolved_at=timezone.now())


def _keep_verdict(run: Run, evaluation: Evaluation) -> None:
    RuleVerdict.objects.update_or_create(
        tenant=run.tenant,
        rule=evaluation.rule.slug,
        defaults={
            "result": evaluation.result,
            "reason": evaluation.reason[:300],
            "checked_count": evaluation.checked_count,
            "failed_count": len(evaluation.failures),
            "unknown_count": len(evaluation.unknown),
            "run": run,
            "evaluated_at": timezone.now(),
        },
    )

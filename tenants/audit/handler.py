"""Audit: evaluate every rule over the mirror. It asks Okta nothing and needs no token."""

import time
from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar

from tenants.audit.evaluation import Evaluation, evaluate, keep
from tenants.audit.mirror import Mirror
from tenants.audit.rule import Rule
from tenants.audit.rules import RULES
from tenants.choices import RuleResult, RunKind
from tenants.models import Finding
from tenants.runs.context import RunContext
from tenants.runs.handlers import Conclusion, Handler, Step

#: Seconds of judging that one step keeps.
STEP_S = 0.5


class AuditHandler(Handler):
    kind: ClassVar[RunKind] = RunKind.AUDIT

    def steps(self, context: RunContext) -> Iterator[Step]:
        mirror = Mirror(context.tenant)
        told: dict[str, Any] = context.checkpoint.setdefault("rules", {})
        left = [rule for slug, rule in RULES.items() if slug not in told]
        while left:
            evaluations = _evaluate_some(left, mirror)
            told |= {each.rule.slug: _summary(each) for each in evaluations}
            last = evaluations[-1].rule
            yield Step(
                context.checkpoint,
                partial(_keep, context, evaluations),
                len(told),
                len(RULES),
                f"{last.slug}: {last.title}",
            )

    def conclude(self, context: RunContext) -> Conclusion:
        findings = Finding.objects.for_tenant(context.tenant)
        since = context.run.started_at
        return Conclusion(
            outcome={
                "rules": context.checkpoint.get("rules", {}),
                "opened": findings.filter(opened_at__gte=since).count(),
                "resolved": findings.filter(resolved_at__gte=since).count(),
            }
        )


def _evaluate_some(left: list[Rule], mirror: Mirror) -> list[Evaluation]:
    """Take rules from ``left`` until the time of a step is over: one at least, and of a small org
    all, because a transaction for each would cost more than the judging."""
    until = time.monotonic() + STEP_S
    evaluations = [evaluate(left.pop(0), mirror)]
    while left and time.monotonic() < until:
        evaluations.append(evaluate(left.pop(0), mirror))
    return evaluations


def _keep(context: RunContext, evaluations: list[Evaluation]) -> None:
    for evaluation in evaluations:
        keep(context.run, evaluation)
        context.say(f"{evaluation.rule.slug}: {_in_words(evaluation)}")


def _summary(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "result": evaluation.result,
        "checked": evaluation.checked_count,
        "failed": len(evaluation.failures),
        "unknown": len(evaluation.unknown),
        "reason": evaluation.reason,
    }


def _in_words(evaluation: Evaluation) -> str:
    label = RuleResult(evaluation.result).label.lower()
    return f"{label}, {evaluation.checked_count} checked, {len(evaluation.failures)} failed."

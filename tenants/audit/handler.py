"""Audit: evaluate every rule over the mirror. It asks Okta nothing and needs no token."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from tenants.audit.evaluation import Evaluation, evaluate, keep
from tenants.audit.mirror import Mirror
from tenants.audit.rules import RULES
from tenants.choices import RuleResult, RunKind
from tenants.models import Finding
from tenants.runs.context import RunContext
from tenants.runs.handlers import Conclusion, Handler, Step


class AuditHandler(Handler):
    kind: ClassVar[RunKind] = RunKind.AUDIT

    def steps(self, context: RunContext) -> Iterator[Step]:
        mirror = Mirror(context.tenant)
        told: dict[str, Any] = context.checkpoint.setdefault("rules", {})
        for slug, rule in RULES.items():
            if slug in told:
                continue
            evaluation = evaluate(rule, mirror)
            told[slug] = _summary(evaluation)
            yield Step(
                context.checkpoint,
                _writer(context, evaluation),
                len(told),
                len(RULES),
                f"{slug}: {rule.title}",
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


def _writer(context: RunContext, evaluation: Evaluation) -> Callable[[], None]:
    def write() -> None:
        keep(context.run, evaluation)
        context.say(f"{evaluation.rule.slug}: {_in_words(evaluation)}")

    return write


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

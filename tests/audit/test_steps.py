"""How much of an audit one step keeps."""

import pytest

from tenants.audit import handler
from tenants.audit.evaluation import Evaluation, evaluate
from tenants.audit.mirror import Mirror
from tenants.audit.rule import Rule
from tenants.audit.rules import RULES
from tenants.choices import RunKind, Trigger
from tenants.models import RuleVerdict, Tenant
from tenants.runs import engine
from tenants.runs.queue import run_queue

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_a_long_audit_has_judged_is_kept_when_a_later_rule_breaks(
    connected: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, last = RULES.values()

    def break_at_the_last(rule: Rule, mirror: Mirror) -> Evaluation:
        if rule is last:
            raise RuntimeError("a rule with a fault")
        return evaluate(rule, mirror)

    monkeypatch.setattr(handler, "evaluate", break_at_the_last)
    monkeypatch.setattr(handler, "STEP_S", 0.0)
    RuleVerdict.objects.all().delete()
    run = run_queue(tenant=connected, kind=RunKind.AUDIT, trigger=Trigger.OPERATOR)

    with pytest.raises(RuntimeError):
        engine.work(run.pk)

    kept = set(RuleVerdict.objects.values_list("rule", flat=True))
    assert kept == set(RULES) - {last.slug}

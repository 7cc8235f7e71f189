"""AS-02: a rule that catches everything."""

from collections.abc import Iterator

from tenants.audit.mirror import Mirror
from tenants.audit.rule import Failure, Judgement, Rule
from tenants.audit.servers import (
    LivePolicy,
    catches_all,
    grants_of_rule,
    groups_of_rule,
    has_custom_scopes,
    live_rules,
    scopes_of_rule,
    serves_every_client,
)
from tenants.choices import Severity
from tenants.models import Resource


class CatchAllRule(Rule):
    slug = "AS-02"
    title = "Catch-all access rule"
    why = (
        "The rule hands out any scope to everyone, or to any machine that can authenticate. "
        "Rules are meant to be an allowlist; this one allows whatever is asked for."
    )
    fix = (
        "In the Okta Admin Console open Security > API and choose the authorization server.",
        "On the Access Policies tab edit the rule.",
        "Name the scopes it may grant instead of Any scopes, and the groups instead of Everyone.",
        "If it is the rule that Okta made with the server and nothing uses it, delete it.",
    )
    severity_note = "Critical when the policy serves every client and the server has custom scopes."
    reads = ("authorization_server", "as_policy", "as_rule", "as_scope")

    def judge(self, mirror: Mirror) -> Iterator[Judgement]:
        for live, rule in live_rules(mirror):
            yield self._judge_rule(mirror, live, rule)

    def _judge_rule(self, mirror: Mirror, live: LivePolicy, rule: Resource) -> Judgement:
        if not catches_all(rule):
            return Judgement(rule)
        exposed = serves_every_client(live.policy) and has_custom_scopes(mirror, live.server)
        failure = Failure(
            Severity.CRITICAL if exposed else Severity.HIGH,
            f"Rule “{rule.label}” of “{live.server.label}” grants any scope"
            f"{' to any client' if exposed else ''}.",
            {
                "conditions.scopes.include": scopes_of_rule(rule),
                "conditions.people.groups.include": groups_of_rule(rule),
                "conditions.grantTypes.include": grants_of_rule(rule),
            },
        )
        return Judgement(rule, failure=failure)

"""AS-01: an access policy that serves every client."""

from collections.abc import Iterator

from tenants.audit.mirror import Mirror
from tenants.audit.rule import Failure, Judgement, Rule
from tenants.audit.servers import (
    LivePolicy,
    allows_legacy_grant,
    catches_all,
    live_policies,
    serves_every_client,
)
from tenants.choices import Severity
from tenants.inventory.kinds import child_parent


class PolicyOpenToAllClients(Rule):
    slug = "AS-01"
    title = "Access policy open to all clients"
    why = (
        "Every app of the org, including those added tomorrow, may ask this authorization server "
        "for tokens. One careless or stolen client is then enough."
    )
    fix = (
        "In the Okta Admin Console open Security > API and choose the authorization server.",
        "On the Access Policies tab edit the policy.",
        "Under Assign to choose The following clients and name those that need it.",
    )
    severity_note = "Worse when one of its rules catches everything or allows a legacy grant."
    reads = ("authorization_server", "as_policy", "as_rule")

    def judge(self, mirror: Mirror) -> Iterator[Judgement]:
        for live in live_policies(mirror):
            yield self._judge_policy(mirror, live)

    def _judge_policy(self, mirror: Mirror, live: LivePolicy) -> Judgement:
        policy = live.policy
        if not serves_every_client(policy):
            return Judgement(policy)
        inside = child_parent(policy.parent, policy.okta_id)
        if reason := mirror.unread_reason("as_rule", inside):
            return Judgement(policy, unknown=reason)
        if not live.rules:
            return Judgement(policy)
        return Judgement(policy, failure=self._failure(live))

    def _failure(self, live: LivePolicy) -> Failure:
        worse = [r for r in live.rules if catches_all(r) or allows_legacy_grant(r)]
        evidence = {"conditions.clients.include": ["ALL_CLIENTS"], "active rules": len(live.rules)}
        if worse:
            evidence["rules that make it worse"] = [rule.label for rule in worse]
        return Failure(
            Severity.HIGH if worse else Severity.MEDIUM,
            f"Any client may use policy “{live.policy.label}” of “{live.server.label}”.",
            evidence,
        )

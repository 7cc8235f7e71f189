"""AS-04: access tokens that live too long."""

from collections.abc import Iterator

from tenants.audit.mirror import Mirror, part
from tenants.audit.rule import Failure, Judgement, Rule
from tenants.audit.servers import LivePolicy, grants_of_rule, live_rules, scopes_of_rule
from tenants.choices import Severity
from tenants.models import Resource

#: Minutes. Okta allows 5 to 1440 and presets 60.
LONG = 60
VERY_LONG = 480
_READ_ENDINGS = (".read", ":read", "_read", "-read")


class LongAccessTokens(Rule):
    slug = "AS-04"
    title = "Long-lived access tokens"
    why = (
        "An access token cannot be taken back by most APIs that accept it. Whoever steals one may "
        "use it until it expires."
    )
    fix = (
        "In the Okta Admin Console open Security > API and choose the authorization server.",
        "On the Access Policies tab edit the rule.",
        "Set the access token lifetime to one hour or less; let clients refresh instead.",
    )
    severity_note = "High above eight hours, or when machines get more than read scopes with it."
    reads = ("authorization_server", "as_policy", "as_rule")

    def judge(self, mirror: Mirror) -> Iterator[Judgement]:
        for live, rule in live_rules(mirror):
            yield self._judge_rule(live, rule)

    def _judge_rule(self, live: LivePolicy, rule: Resource) -> Judgement:
        minutes = part(rule.body, "actions", "token", "accessTokenLifetimeMinutes")
        if not isinstance(minutes, int | float) or isinstance(minutes, bool):
            return Judgement(rule, unknown="Okta did not say how long its tokens live.")
        if minutes <= LONG:
            return Judgement(rule)
        powerful = "client_credentials" in grants_of_rule(rule) and _grants_more_than_reads(rule)
        failure = Failure(
            Severity.HIGH if minutes > VERY_LONG or powerful else Severity.MEDIUM,
            f"Tokens by rule “{rule.label}” of “{live.server.label}” live {minutes} minutes.",
            {
                "actions.token.accessTokenLifetimeMinutes": minutes,
                "conditions.grantTypes.include": grants_of_rule(rule),
                "conditions.scopes.include": scopes_of_rule(rule),
            },
        )
        return Judgement(rule, failure=failure)


def _grants_more_than_reads(rule: Resource) -> bool:
    return any(
        str(scope) != "read" and not str(scope).endswith(_READ_ENDINGS)
        for scope in scopes_of_rule(rule)
    )

"""What a slice of a run works with: its tenant's org, tokens, log and counters."""

from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from django.db.models import F

from tenants.broker.grants import CredentialTokens
from tenants.broker.service import egress_policy
from tenants.choices import EventLevel
from tenants.models import Credential, Run
from tenants.okta.client import OktaClient
from tenants.okta.egress import OrgConnection, open_org
from tenants.runs.log import say


class RunContext:
    """One slice. Connections are opened on first use and closed with the slice."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.tenant = run.tenant
        self.checkpoint: dict[str, Any] = run.checkpoint
        self._closing = ExitStack()
        self._orgs: dict[str, OrgConnection] = {}
        self._tokens: list[CredentialTokens] = []
        self._counted = (0, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def say(self, text: str, level: EventLevel = EventLevel.INFO) -> None:
        say(self.run.pk, text, level)

    def org(self, host: str) -> OrgConnection:
        if host not in self._orgs:
            self._orgs[host] = self._closing.enter_context(open_org(host, egress_policy()))
        return self._orgs[host]

    def tokens(self, credential: Credential) -> CredentialTokens:
        self._tokens.append(CredentialTokens(credential))
        return self._tokens[-1]

    def client(self, credential: Credential, scopes: frozenset[str]) -> OktaClient:
        return OktaClient(self.org(credential.host), self.tokens(credential), scopes)

    def counts(self) -> dict[str, Any]:
        """Columns that add what was sent to Okta since this was last asked for."""
        calls = sum(org.requests for org in self._orgs.values())
        tokens = sum(source.requested for source in self._tokens)
        new_calls, new_tokens = calls - self._counted[0], tokens - self._counted[1]
        self._counted = (calls, tokens)
        return {
            "call_count": F("call_count") + new_calls,
            "token_count": F("token_count") + new_tokens,
        }

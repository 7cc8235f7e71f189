"""What a slice of a run works with: its tenant's org, tokens, log and counters."""

import time
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from tenants.broker.grants import CredentialTokens
from tenants.broker.service import budget_for, egress_policy
from tenants.broker.uses import TokenUses
from tenants.choices import EventLevel, Urgency
from tenants.models import Credential, Run, RunEvent
from tenants.okta.client import OktaClient
from tenants.okta.egress import OrgConnection, open_org
from tenants.okta.errors import OktaError
from tenants.runs import at_work
from tenants.runs.leases import Lease, LeaseLost
from tenants.runs.log import event

#: A step that lists much says so often that it goes on.
STAY_EVERY_S = 10.0


class WorkerEnds(OktaError):
    """This process was asked to stop, and leaves the next try of a call to another.

    It hangs on Okta's tree because what was not sent has to be taken back, as after any refusal.
    """

    code = "worker_ends"
    retryable = True


class RunContext:
    """One slice. Connections are opened on first use and closed with the slice."""

    def __init__(self, run: Run, lease: Lease | None = None) -> None:
        self.run = run
        self.tenant = run.tenant
        self.checkpoint: dict[str, Any] = run.checkpoint
        self._lease = lease
        self._stayed_at = time.monotonic()
        self._closing = ExitStack()
        self._orgs: dict[str, OrgConnection] = {}
        self._tokens: list[CredentialTokens] = []
        self._uses = TokenUses(run.tenant_id, run.kind, run.pk)
        self._said: list[RunEvent] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()
        # Whatever became of the slice, or of its hold on the run: what was used was used.
        self._uses.close()

    def say(self, text: str, level: EventLevel = EventLevel.INFO) -> None:
        """Note a line for the run's log. It is written with the step: repeated, it is said once."""
        self._said.append(event(self.run.pk, text, level))

    def write_log(self) -> None:
        said, self._said = self._said, []
        RunEvent.objects.bulk_create(said)

    def org(self, host: str) -> OrgConnection:
        if host not in self._orgs:
            self._orgs[host] = self._closing.enter_context(open_org(host, egress_policy()))
        return self._orgs[host]

    def tokens(self, credential: Credential) -> CredentialTokens:
        self._tokens.append(CredentialTokens(credential, self._uses))
        return self._tokens[-1]

    def client(self, credential: Credential, scopes: frozenset[str]) -> OktaClient:
        waited_for = self.run.urgency == Urgency.INTERACTIVE
        budget = budget_for(self.tenant.pk, interactive=waited_for, holder=self.run.pk)
        return OktaClient(
            self.org(credential.host),
            self.tokens(credential),
            scopes,
            budget=budget,
            sleep=_rest,
            before_write=self.hold,
            between_pages=self.stay,
        )

    def hold(self) -> None:
        """Make sure that the run is still ours, and for long enough to send what cannot be unsent.

        Raises:
            LeaseLost: it is not, or nobody works on it at all.
        """
        if self._lease is None:
            raise LeaseLost
        self._lease.hold()

    def stay(self) -> None:
        """Amid a step that asks much: keep the run, as each step does at its end.

        Raises:
            LeaseLost: somebody else has it.
        """
        now = time.monotonic()
        if self._lease and now - self._stayed_at >= STAY_EVERY_S:
            self._stayed_at = now
            self._lease.renew()
            at_work.moved()

    @property
    def has_asked(self) -> bool:
        """Whether anything was sent to an org in this slice."""
        return any(org.requests for org in self._orgs.values())

    def counts(self) -> dict[str, int]:
        """The run's columns that count what was sent to Okta, this slice included.

        Only the holder of the run writes them, so they are told as totals: written twice, or
        rolled back and written later, they stay right.
        """
        return {
            "call_count": self.run.call_count + sum(org.requests for org in self._orgs.values()),
            "token_count": self.run.token_count + sum(source.requested for source in self._tokens),
        }


def _rest(seconds: float) -> None:
    """Between two tries of a call, or before our turn with the org. Raises WorkerEnds."""
    if at_work.draining.wait(seconds):
        raise WorkerEnds("this worker was asked to stop")

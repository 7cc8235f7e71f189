"""One change, from where it stands to where it is settled.

Look, commit that it will be sent, send once, commit what came of it. Whoever takes a run over finds
the change planned, sent or settled. What was sent and has no answer is read from the org, never
guessed, and what cannot be read there is left to a human.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from django.db.models import QuerySet
from django.db.models.functions import Now

from tenants.actions.catalogue import TRACES
from tenants.actions.traces import Seen, Trace, Verdict
from tenants.actions.wanted import target_of, wanted_of
from tenants.broker.errors import BrokerBusy
from tenants.choices import OPEN_INTENT_STATES, EventLevel, IntentState
from tenants.models import Intent
from tenants.okta.bodies import Outcome
from tenants.okta.client import OktaClient
from tenants.okta.errors import (
    OktaAmbiguous,
    OktaError,
    OktaForbidden,
    OktaNotFound,
    OktaNotLicensed,
    OktaRequestError,
    OktaScopeError,
)
from tenants.okta.operations import Effect
from tenants.runs.context import RunContext
from tenants.runs.handlers import Later, Step
from tenants.vault.errors import VaultError

#: Okta's word against one change; what it says about the connection is raised instead.
_REFUSALS = (OktaForbidden, OktaNotFound, OktaNotLicensed, OktaRequestError, OktaScopeError)
#: Sendings of one change without an answer after which a human has to look.
MOST_SENDINGS = 3
#: Seconds from one sending to the next, times the number of sendings: an org in trouble gets time.
PAUSE_S = 10.0
#: Likewise where twice would make two. What is not to be seen yet may still be under way: Okta's
#: own notes tell of a write that took 30 s.
LONG_PAUSE_S = 40.0


class Application:
    """``steps`` are those that the run still has to take for it; afterwards ``intent`` has the
    state that was committed last."""

    def __init__(
        self, context: RunContext, client: OktaClient, intent: Intent, total_count: int
    ) -> None:
        self.context = context
        self.client = client
        self.intent = intent
        self.total_count = total_count
        self.change = wanted_of(intent)
        self.trace: Trace = TRACES[intent.operation]

    def steps(self) -> Iterator[Step]:
        while self.intent.state in OPEN_INTENT_STATES:
            was_sent = self.intent.state == IntentState.SENT
            seen = self._look()
            if seen.verdict != Verdict.NOT_SO:
                yield self._settled_by(seen, was_sent)
            elif was_sent and self.intent.sent_count >= MOST_SENDINGS:
                yield self._settle(
                    IntentState.NEEDS_ATTENTION, f"{self._sent_often} {seen.evidence}"
                )
            else:
                if was_sent:
                    self._wait_for_effects()
                yield self._announce(seen)
                yield from self._send()

    def _look(self) -> Seen:
        known = self.intent.known if self.intent.state == IntentState.SENT else None
        return self.trace.look(self.client, self.change, known)

    def _settled_by(self, seen: Seen, was_sent: bool) -> Step:
        if seen.verdict == Verdict.SO:
            told = seen.evidence if was_sent else f"Nothing was sent. {seen.evidence}"
            return self._settle(IntentState.DONE, told, okta_id=seen.okta_id)
        if seen.verdict == Verdict.GONE and not was_sent:
            return self._settle(IntentState.REFUSED, seen.evidence, error_code="not_found")
        return self._settle(IntentState.NEEDS_ATTENTION, f"{self._sent_often} {seen.evidence}")

    def _wait_for_effects(self) -> None:
        """Before it is sent again: the last sending may have been slow. Raises Later."""
        pause_s = LONG_PAUSE_S if self.trace.doubles else PAUSE_S
        pause_s *= self.intent.sent_count
        lately = Now() - timedelta(seconds=pause_s)
        if Intent.objects.filter(pk=self.intent.pk, sent_at__gt=lately).exists():
            raise Later(pause_s, "Okta to show what became of a change")

    def _send(self) -> Iterator[Step]:
        try:
            outcome = self.client.exchange(
                self.change.operation,
                path=self.change.path,
                query=self.change.query,
                body=self.change.body,
            )
        except OktaAmbiguous as error:
            self._say(f"no answer that tells ({error.__cause__}); reading what became of it")
        except (OktaError, BrokerBusy, VaultError) as error:
            yield from self._not_sent(error)
        else:
            yield self._settle(
                IntentState.DONE, f"Okta answered {outcome.status}.", okta_id=_made(outcome)
            )

    def _not_sent(self, error: OktaError | BrokerBusy | VaultError) -> Iterator[Step]:
        """What is no ambiguity surely changed nothing: Okta's "no", or none of its doing."""
        is_gone = isinstance(error, OktaNotFound) and self.change.operation.effect == Effect.DELETE
        if is_gone:
            yield self._settle(IntentState.DONE, "Okta answered that it knows no such object.")
        elif isinstance(error, _REFUSALS) and not error.retryable:
            yield self._refused_by(error)
        else:
            yield self._take_back()
            raise error

    def _refused_by(self, error: OktaError) -> Step:
        """Okta may refuse a second sending because the first was carried out after all."""
        seen = self._look() if self.intent.sent_count > 1 else None
        if seen and seen.verdict != Verdict.NOT_SO:
            return self._settled_by(seen, was_sent=True)
        code = error.error_code or error.code
        return self._settle(IntentState.REFUSED, str(error), error_code=code)

    def _announce(self, seen: Seen) -> Step:
        """Commit that it will be sent; `_send` follows in the same slice."""
        intent = self.intent
        known = intent.known if intent.state == IntentState.SENT else seen.known
        return self._becomes(
            IntentState.SENT,
            announces=True,
            known=known,
            sent_count=intent.sent_count + 1,
            sent_at=Now(),
        )

    def _take_back(self) -> Step:
        sent_count = self.intent.sent_count - 1
        before = IntentState.SENT if sent_count else IntentState.PLANNED
        return self._becomes(before, announces=True, sent_count=sent_count)

    def _settle(
        self, state: IntentState, evidence: str, *, okta_id: str = "", error_code: str = ""
    ) -> Step:
        level = EventLevel.INFO if state == IntentState.DONE else EventLevel.WARNING
        self._say(f"{state.label.lower()}. {evidence}", level)
        return self._becomes(
            state,
            known=None,
            settled_at=Now(),
            evidence=evidence[:300],
            okta_id=okta_id[:128],
            error_code=error_code[:40],
        )

    def _becomes(self, state: IntentState, *, announces: bool = False, **values: object) -> Step:
        """A step that writes this; ``intent`` has it already, and is dropped if it cannot be."""
        row = Intent.objects.for_tenant(self.context.tenant).filter(pk=self.intent.pk)
        self.intent.state = state
        for name in ("known", "sent_count"):
            setattr(self.intent, name, values.get(name, getattr(self.intent, name)))
        return Step(
            {},
            partial(_write, row, state=state, **values),
            self.intent.number - (state in OPEN_INTENT_STATES),
            self.total_count,
            f"{self._named}: {state.label.lower()}",
            announces,
        )

    @property
    def _sent_often(self) -> str:
        times = self.intent.sent_count
        return f"Sent {times} time{'' if times == 1 else 's'} without an answer."

    @property
    def _named(self) -> str:
        return f"{self.intent.number}. {target_of(self.intent.operation, self.intent.path)}"

    def _say(self, text: str, level: EventLevel = EventLevel.INFO) -> None:
        self.context.say(f"{self._named}: {text}", level)


def _write(row: QuerySet[Intent], **values: object) -> None:
    row.update(**values)


def _made(outcome: Outcome) -> str:
    value = outcome.value if isinstance(outcome.value, dict) else {}
    return str(value.get("id") or value.get("kid") or "")

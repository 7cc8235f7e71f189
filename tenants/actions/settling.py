"""An operator says what became of a change that nobody else could tell."""

from enum import StrEnum

from django.db import transaction
from django.db.models.functions import Now

from tenants.actions.asking import actions_apply
from tenants.actions.errors import AlreadySettled, ChangesUnderWay
from tenants.actions.wanted import wanted_of
from tenants.choices import LIVE_RUN_STATES, IntentState
from tenants.connections.trouble import changes_settled
from tenants.models import AuditEvent, Intent, Run, User


class Settlement(StrEnum):
    HAPPENED = "happened"
    AGAIN = "again"
    LEFT = "left"


_BECOMES = {
    Settlement.HAPPENED: (IntentState.DONE, "{actor} looked: it was made."),
    Settlement.AGAIN: (IntentState.DROPPED, "{actor} had it sent again, in another run."),
    Settlement.LEFT: (IntentState.DROPPED, "{actor} left it as it is."),
}


def intent_settle(*, intent: Intent, settlement: Settlement, actor: User) -> Run | None:
    """Settle it; returns the fresh run where it is to be sent again.

    Raises:
        ChangesUnderWay: its run has not ended, and would take the answer for its own finding.
        AlreadySettled: it does not need anybody (any more).
        ServiceError: as `actions_apply`, where it is to be sent again; then nothing is settled.
    """
    state, words = _BECOMES[settlement]
    if Run.objects.filter(pk=intent.run_id, state__in=LIVE_RUN_STATES).exists():
        raise ChangesUnderWay
    with transaction.atomic():
        open_one = Intent.objects.for_tenant(intent.tenant).unsettled().filter(pk=intent.pk)
        evidence = f"{words.format(actor=actor)} Before: {intent.evidence}"
        if not open_one.update(state=state, evidence=evidence[:300], settled_at=Now()):
            raise AlreadySettled
        run = _sent_again(intent, actor) if settlement is Settlement.AGAIN else None
        changes_settled(intent.tenant)
        AuditEvent.objects.record(
            "change.settled",
            tenant=intent.tenant,
            actor=actor,
            run=str(intent.run_id),
            number=intent.number,
            settlement=settlement.value,
            **({"again": str(run.pk)} if run else {}),
        )
    return run


def _sent_again(intent: Intent, actor: User) -> Run:
    return actions_apply(tenant=intent.tenant, actor=actor, wanted=[wanted_of(intent)])

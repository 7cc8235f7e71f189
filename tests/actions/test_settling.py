"""What only a human can tell is told by one, once, and on the record."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants.actions.errors import AlreadySettled, ChangesUnderWay
from tenants.actions.settling import Settlement, intent_settle
from tenants.choices import IntentState, RunKind, RunState
from tenants.connections.leaving import tenant_disconnect
from tenants.errors import RunAlreadyLive
from tenants.models import AuditEvent, Intent, Run, Tenant, User
from tenants.runs.history import forget_old_runs
from tenants.sandbox.org import Org
from tests.actions.conftest import Ask, made, new_server, only, states
from tests.service import run_once, work_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def unclear(ask: Ask, org: Org) -> Intent:
    """A creation whose run ended before anybody read what became of it."""
    run = ask(new_server())
    known = [server["id"] for server in org.list("authorization_server")]
    Intent.objects.filter(run=run).update(
        state=IntentState.SENT, sent_count=3, sent_at=run.created_at, known=known
    )
    work_all()
    return only(run)


def _attention(tenant: Tenant) -> str:
    return Tenant.objects.get(pk=tenant.pk).attention_code


def test_the_tenant_says_that_somebody_has_to_look_until_somebody_did(
    unclear: Intent, changeable: Tenant, operator: User
) -> None:
    before = _attention(changeable)
    run_once(changeable, RunKind.SYNC)
    after_a_good_sync = _attention(changeable)

    intent_settle(intent=unclear, settlement=Settlement.HAPPENED, actor=operator)

    assert before == after_a_good_sync == "change_unsettled"
    assert _attention(changeable) == ""
    assert only(unclear.run).state == IntentState.DONE
    assert "looked: it was made. Before: Sent 3 times" in only(unclear.run).evidence


def test_left_as_it_is_it_is_dropped(unclear: Intent, operator: User, changeable: Tenant) -> None:
    intent_settle(intent=unclear, settlement=Settlement.LEFT, actor=operator)

    event = AuditEvent.objects.get(action="change.settled")
    assert only(unclear.run).state == IntentState.DROPPED
    assert (event.actor, event.detail["settlement"]) == (operator, "left")
    assert _attention(changeable) == ""


def test_sent_again_it_is_a_run_of_its_own(unclear: Intent, operator: User, org: Org) -> None:
    run = intent_settle(intent=unclear, settlement=Settlement.AGAIN, actor=operator)
    work_all()

    assert run is not None
    assert states(run) == [IntentState.DONE]
    assert states(unclear.run) == [IntentState.DROPPED]
    assert len(made(org, "createAuthorizationServer")) == 1


def test_what_cannot_be_sent_again_now_stays_unsettled(
    unclear: Intent, ask: Ask, operator: User
) -> None:
    ask(new_server("Other"))

    with pytest.raises(RunAlreadyLive):
        intent_settle(intent=unclear, settlement=Settlement.AGAIN, actor=operator)

    assert only(unclear.run).state == IntentState.NEEDS_ATTENTION
    assert not AuditEvent.objects.filter(action="change.settled").exists()


@pytest.mark.parametrize("settlement", Settlement)
def test_of_two_operators_one_settles_it(
    settlement: Settlement, unclear: Intent, operator: User
) -> None:
    intent_settle(intent=unclear, settlement=Settlement.LEFT, actor=operator)

    with pytest.raises(AlreadySettled):
        intent_settle(intent=unclear, settlement=settlement, actor=operator)

    assert AuditEvent.objects.filter(action="change.settled").count() == 1


def test_while_its_run_goes_on_nothing_is_settled(ask: Ask, operator: User) -> None:
    run = ask(new_server(), new_server("Next"))
    Intent.objects.filter(run=run, number=1).update(state=IntentState.NEEDS_ATTENTION)

    with pytest.raises(ChangesUnderWay):
        intent_settle(intent=run.intents.get(number=1), settlement=Settlement.LEFT, actor=operator)
    work_all()

    assert states(run) == [IntentState.NEEDS_ATTENTION, IntentState.DROPPED]


def test_one_of_two_settled_leaves_the_tenant_in_need(
    unclear: Intent, ask: Ask, operator: User, changeable: Tenant
) -> None:
    other = ask(new_server("Other"))
    Intent.objects.filter(run=other).update(state=IntentState.NEEDS_ATTENTION)
    Run.objects.filter(pk=other.pk).update(state=RunState.FAILED)

    intent_settle(intent=unclear, settlement=Settlement.LEFT, actor=operator)

    assert _attention(changeable) == "change_unsettled"


def test_worse_trouble_stands_before_it(ask: Ask, org: Org, changeable: Tenant) -> None:
    Tenant.objects.filter(pk=changeable.pk).update(attention_code="incomplete")
    run = ask(new_server())
    Intent.objects.filter(run=run).update(
        state=IntentState.SENT, sent_count=3, sent_at=run.created_at, known=[]
    )
    org.ungrant("okta.authorizationServers.read", "okta.authorizationServers.manage")
    org.expire_tokens()

    work_all()

    assert only(run).state == IntentState.NEEDS_ATTENTION
    assert _attention(changeable) != ""


def test_a_run_with_an_unsettled_change_is_not_forgotten(unclear: Intent, operator: User) -> None:
    long_ago = timezone.now() - timedelta(days=400)
    Run.objects.update(created_at=long_ago, ended_at=long_ago)

    forget_old_runs()
    kept = Run.objects.filter(pk=unclear.run_id).exists()
    intent_settle(intent=unclear, settlement=Settlement.LEFT, actor=operator)
    forget_old_runs()

    assert kept
    assert not Run.objects.filter(pk=unclear.run_id).exists()


def test_a_tenant_that_leaves_takes_its_changes_with_it(
    ask: Ask, org: Org, changeable: Tenant, operator: User
) -> None:
    run = ask(new_server(), new_server("Next"))
    Intent.objects.filter(run=run, number=1).update(
        state=IntentState.SENT, sent_count=1, sent_at=run.created_at, known=[]
    )

    tenant_disconnect(tenant=changeable, actor=operator)
    work_all()

    assert not Intent.objects.exists()
    assert _attention(changeable) == ""
    assert not made(org, "createAuthorizationServer")
    assert not Run.objects.filter(kind=RunKind.SYNC).exists()

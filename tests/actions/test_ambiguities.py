"""Whatever becomes of an answer, the org has each change once, and we know which."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tenants.broker.service import egress_policy
from tenants.choices import IntentState, RunState
from tenants.models import Intent, Run
from tenants.okta.budgets import LocalBudget
from tenants.okta.client import OktaClient
from tenants.okta.egress import OrgConnection
from tenants.okta.errors import OktaRequestError, OktaUnavailable
from tenants.runs import breakers, context, engine
from tenants.runs.leases import claimable
from tenants.sandbox.faults import read_fault
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.actions.conftest import Ask, active_app, change, fresh, made, new_server, only, states
from tests.service import work_all

pytestmark = pytest.mark.django_db(transaction=True)

Fault = dict[str, Any]

#: Carried out, and nobody is told so in a way that could be believed.
HIDDEN: dict[str, Fault] = {
    "502 after the effect": {"action": "status", "status": 502, "applies": True},
    "500 after the effect": {
        "action": "status",
        "status": 500,
        "code": "E0000009",
        "applies": True,
    },
    "408 after the effect": {"action": "status", "status": 408, "applies": True},
    "closed after the effect": {"action": "close", "applies": True},
    "reset after the effect": {"action": "reset", "applies": True},
    "garbage after the effect": {"action": "garbage", "applies": True},
    "cut off in the headers": {"action": "truncate", "after": 20, "part": "headers"},
    "later than our patience": {"action": "delay", "seconds": 30},
    "dripping": {"action": "drip", "bytes_per_s": 20, "part": "headers"},
}
#: Not carried out, and that cannot be told from the above.
LOST: dict[str, Fault] = {
    "502": {"action": "status", "status": 502},
    "closed": {"action": "close"},
    "reset": {"action": "reset"},
    "garbage": {"action": "garbage"},
}
NAMES = {
    "lifecycle": "deactivateApplication",
    "creation": "createAuthorizationServer",
}


@pytest.fixture(autouse=True)
def _short_patience(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    hurried = replace(egress_policy(), slow_total_s=1.0)
    monkeypatch.setattr(context, "egress_policy", lambda: hurried)


def _break(sandbox: Sandbox, operation: str, **fault: Any) -> None:
    sandbox.faults.add(read_fault({**fault, "operation": operation}))


def _refuse(sandbox: Sandbox, operation: str, status: int, code: str, **when: int) -> None:
    _break(sandbox, operation, action="status", status=status, code=code, **when)


def _wanted(kind: str, org: Org) -> Any:
    if kind == "creation":
        return new_server()
    return change("deactivateApplication", appId=active_app(org))


def _let_it_be_due(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(not_before=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("name", HIDDEN)
def test_what_was_made_without_an_answer_is_found_and_not_repeated(
    kind: str, name: str, ask: Ask, org: Org, sandbox: Sandbox
) -> None:
    run = ask(_wanted(kind, org))
    _break(sandbox, NAMES[kind], **HIDDEN[name], times=1)

    work_all()

    assert (fresh(run).state, states(run)) == (RunState.SUCCEEDED, [IntentState.DONE])
    assert len(made(org, NAMES[kind])) == 1
    assert only(run).sent_count == 1
    if kind == "creation":
        assert only(run).okta_id == made(org, NAMES[kind])[0].created


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("name", LOST)
def test_what_was_not_made_is_found_missing_and_sent_again(
    kind: str, name: str, ask: Ask, org: Org, sandbox: Sandbox
) -> None:
    run = ask(_wanted(kind, org))
    _break(sandbox, NAMES[kind], **LOST[name], times=1)

    work_all()

    assert states(run) == [IntentState.DONE]
    assert len(made(org, NAMES[kind])) == 1
    assert only(run).sent_count == 2


def test_an_org_that_never_answers_a_change_is_not_asked_for_ever(
    ask: Ask, org: Org, sandbox: Sandbox
) -> None:
    run = ask(new_server())
    _break(sandbox, "createAuthorizationServer", action="close")

    work_all()

    assert (only(run).state, only(run).sent_count) == (IntentState.NEEDS_ATTENTION, 3)
    assert only(run).evidence == (
        "Sent 3 times without an answer. Okta lists nothing new that could be it."
    )


def test_a_rate_limit_is_waited_for_with_the_change_unsent(
    ask: Ask, org: Org, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "budget_for", lambda *_, **__: LocalBudget(interactive=True))
    run = ask(new_server())
    _refuse(sandbox, "createAuthorizationServer", 429, "E0000047", times=1)

    work_all()
    waiting, between = fresh(run), states(run)
    _let_it_be_due(run)
    work_all()

    assert (waiting.state, waiting.is_waiting, between) == ("queued", True, [IntentState.PLANNED])
    assert states(run) == [IntentState.DONE]
    assert (only(run).sent_count, len(made(org, "createAuthorizationServer"))) == (1, 1)


def test_a_token_refused_in_between_is_replaced_and_the_change_sent_once(
    ask: Ask, org: Org, sandbox: Sandbox
) -> None:
    run = ask(new_server("One"), new_server("Two"))
    _refuse(sandbox, "createAuthorizationServer", 401, "E0000011", nth=2)

    work_all()

    assert states(run) == [IntentState.DONE, IntentState.DONE]
    assert len(made(org, "createAuthorizationServer")) == 2


def test_a_role_that_is_too_narrow_refuses_the_change(ask: Ask, org: Org, sandbox: Sandbox) -> None:
    run = ask(new_server())
    _refuse(sandbox, "createAuthorizationServer", 403, "E0000006")

    work_all()

    assert (only(run).state, only(run).error_code) == (IntentState.REFUSED, "E0000006")


def test_a_secret_revoked_meanwhile_leaves_the_change_unsent(
    ask: Ask, org: Org, changeable: Any
) -> None:
    run = ask(new_server(), new_server("Next"))
    org.rotate_secret()

    work_all()

    changeable.refresh_from_db()
    assert (fresh(run).state, fresh(run).error_code) == (RunState.FAILED, "invalid_client")
    assert states(run) == [IntentState.DROPPED, IntentState.DROPPED]
    assert changeable.attention_code == "invalid_client"


def test_what_cannot_be_read_back_in_the_end_is_for_a_human(
    ask: Ask, org: Org, sandbox: Sandbox
) -> None:
    run = ask(new_server())
    _break(sandbox, "createAuthorizationServer", action="close", applies=True)
    _refuse(sandbox, "listAuthorizationServers", 403, "E0000006", nth=3)

    work_all()

    assert only(run).state == IntentState.NEEDS_ATTENTION
    assert "before it was read" in only(run).evidence


def test_an_org_in_read_only_mode_is_waited_for_with_the_change_unsent(
    ask: Ask, org: Org, sandbox: Sandbox
) -> None:
    run = ask(change("deactivateApplication", appId=active_app(org)))
    _refuse(sandbox, "deactivateApplication", 503, "E0000010", times=1)

    work_all()
    between = states(run)
    _let_it_be_due(run)
    work_all()

    assert between == [IntentState.PLANNED]
    assert (states(run), only(run).sent_count) == ([IntentState.DONE], 1)


def test_a_change_that_is_never_let_out_is_not_tried_for_ever(
    ask: Ask, org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each try gets as far as announcing the sending, which is no progress."""
    run = ask(change("deactivateApplication", appId=active_app(org)))
    real = OrgConnection.send

    def send(to: OrgConnection, method: str, *asked: Any, **options: Any) -> Any:
        if method == "POST" and "/lifecycle/" in asked[0]:
            raise OktaUnavailable("no route")
        return real(to, method, *asked, **options)

    monkeypatch.setattr(OrgConnection, "send", send)
    monkeypatch.setattr(breakers, "TRIP_AFTER", 1_000)
    monkeypatch.setattr(context, "budget_for", lambda *_, **__: LocalBudget(interactive=True))

    for _ in range(10):
        _let_it_be_due(run)
        engine.work(run.pk)

    assert (fresh(run).state, fresh(run).error_code) == (RunState.FAILED, "unavailable")
    assert (states(run), only(run).sent_count) == ([IntentState.DROPPED], 0)


def test_a_second_sending_that_okta_refuses_may_mean_that_the_first_was_made(
    ask: Ask, org: Org, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The org shows late what it made: after the first look back, and before the refusal."""
    run = ask(new_server())
    known = [server["id"] for server in org.list("authorization_server")]
    Intent.objects.filter(run=run).update(
        state=IntentState.SENT, sent_count=1, sent_at=run.created_at, known=known
    )
    real = OktaClient.exchange

    def exchange(client: OktaClient, operation: Any, **asked: Any) -> Any:
        if not operation.is_read:
            real(client, operation, **asked)
            raise OktaRequestError("The name is taken", error_code="E0000001")
        return real(client, operation, **asked)

    monkeypatch.setattr(OktaClient, "exchange", exchange)

    work_all()

    assert (only(run).state, only(run).sent_count) == (IntentState.DONE, 2)
    assert "which is new and as sent" in only(run).evidence


def test_a_list_that_takes_longer_than_a_lease_is_read_to_its_end(
    ask: Ask, org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "STAY_EVERY_S", 0.0)
    fetch = OktaClient._page
    others_could_take_it: list[bool] = []

    def slow(self: OktaClient, *args: Any) -> Any:
        others_could_take_it.append(claimable().exists())
        page = fetch(self, *args)
        Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        return page

    monkeypatch.setattr(OktaClient, "_page", slow)
    run = ask(new_server())

    engine.work(run.pk)

    assert others_could_take_it == [False, False]
    assert states(run) == [IntentState.DONE]

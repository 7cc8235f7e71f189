"""A worker dies at any point of a change: the next one finds out what was made, and goes on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tenants.actions import application
from tenants.actions.wanted import Wanted
from tenants.choices import IntentState, RunState
from tenants.models import Run
from tenants.okta.client import OktaClient
from tenants.runs import engine
from tenants.runs.leases import claim
from tenants.sandbox.org import Org
from tests.actions.conftest import Ask, active_app, change, fresh, made, new_server, only, states
from tests.actions.killing import Kill, Killed, die, let_lease_run_out
from tests.service import work_all

pytestmark = pytest.mark.django_db(transaction=True)

Wanted = Callable[[Org], Wanted]


def _server(org: Org) -> str:
    return str(org.list("authorization_server")[-1]["id"])


#: One change of each way to find out.
CHANGES: dict[str, Wanted] = {
    "lifecycle": lambda org: change("deactivateApplication", appId=active_app(org)),
    "replacement": lambda org: change(
        "replaceAuthorizationServer",
        authServerId=_server(org),
        body={"name": "Renamed", "description": "Anew", "audiences": ["api://anew"]},
    ),
    "deletion": lambda org: change("deleteAuthorizationServer", authServerId=_server(org)),
    "creation": lambda org: new_server(),
}


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize("after", [False, True], ids=["before it left", "after it was made"])
def test_a_worker_that_dies_at_the_sending_leaves_one_effect(
    kind: str, after: bool, ask: Ask, org: Org, kill: Kill
) -> None:
    wanted = CHANGES[kind](org)
    run = ask(wanted)
    kill.at(write=True, after=after)

    die(run)
    between = only(run).state
    work_all()

    assert between == IntentState.SENT
    assert (fresh(run).state, states(run)) == (RunState.SUCCEEDED, [IntentState.DONE])
    assert len(made(org, wanted.operation.name)) == 1
    assert only(run).sent_count == (1 if after else 2)


@pytest.mark.parametrize("kind", ["lifecycle", "replacement", "deletion"])
def test_a_worker_that_dies_while_it_looks_has_sent_nothing(
    kind: str, ask: Ask, org: Org, kill: Kill
) -> None:
    wanted = CHANGES[kind](org)
    run = ask(wanted)
    kill.at(write=False, after=True)

    die(run)
    between = only(run).state
    work_all()

    assert between == IntentState.PLANNED
    assert (states(run), len(made(org, wanted.operation.name))) == ([IntentState.DONE], 1)
    assert only(run).sent_count == 1


def test_a_worker_that_dies_while_it_reads_back_changes_nothing_by_it(
    ask: Ask, org: Org, kill: Kill
) -> None:
    run = ask(CHANGES["lifecycle"](org))
    kill.at(write=True, after=True)
    die(run)
    kill.at(write=False, after=True)
    die(run)

    work_all()

    assert (states(run), len(made(org, "deactivateApplication"))) == ([IntentState.DONE], 1)


def test_a_worker_that_dies_before_the_outcome_is_committed_leaves_one_effect(
    ask: Ask, org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, real = ask(new_server()), application._write

    def write(row: Any, **values: Any) -> None:
        if values["state"] == IntentState.DONE:
            monkeypatch.setattr(application, "_write", real)
            raise Killed
        real(row, **values)

    monkeypatch.setattr(application, "_write", write)
    die(run)

    work_all()

    assert (states(run), len(made(org, "createAuthorizationServer"))) == ([IntentState.DONE], 1)
    assert only(run).okta_id == made(org, "createAuthorizationServer")[0].created


def test_three_sendings_without_an_answer_are_for_a_human(ask: Ask, org: Org, kill: Kill) -> None:
    run = ask(new_server(), new_server("Next"))
    for _ in range(application.MOST_SENDINGS):
        kill.at(write=True, after=False)
        die(run)

    work_all()

    assert states(run) == [IntentState.NEEDS_ATTENTION, IntentState.DROPPED]
    assert (fresh(run).state, fresh(run).error_code) == (RunState.FAILED, "change_unsettled")
    assert not made(org, "createAuthorizationServer")


def _at_the_sending(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Let something happen after all was made ready and before the request leaves."""
    real = OktaClient._await_turn

    def wait(client: OktaClient, bucket: Any) -> None:
        real(client, bucket)
        if _is_sent():
            act()

    def _is_sent() -> bool:
        return Run.objects.filter(intents__state=IntentState.SENT).exists()

    monkeypatch.setattr(OktaClient, "_await_turn", wait)


def test_a_worker_frozen_before_the_sending_sends_nothing_after_its_lease(
    ask: Ask, org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(new_server())
    _at_the_sending(monkeypatch, lambda: let_lease_run_out(run))

    engine.work(run.pk)

    assert only(run).state == IntentState.SENT
    assert not made(org, "createAuthorizationServer")


def test_a_worker_frozen_until_another_took_over_leaves_it_all_to_that_one(
    ask: Ask, org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(new_server())

    def take_over() -> None:
        let_lease_run_out(run)
        claim(run.pk)

    _at_the_sending(monkeypatch, take_over)

    engine.work(run.pk)

    assert (fresh(run).state, fresh(run).fence) == (RunState.RUNNING, 2)
    assert states(run) == [IntentState.SENT]
    assert not made(org, "createAuthorizationServer")


def test_a_lease_with_little_left_is_not_enough_to_send_under(
    ask: Ask, org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(new_server())
    soon = timezone.now() + timedelta(seconds=20)
    _at_the_sending(monkeypatch, lambda: Run.objects.update(lease_until=soon) and None)

    engine.work(run.pk)

    assert not made(org, "createAuthorizationServer")


def test_nobody_waits_with_a_change_between_saying_so_and_sending_it(
    ask: Ask, org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(new_server(), new_server("Next"))
    monkeypatch.setattr(engine.draining, "is_set", lambda: True)

    engine.work(run.pk)

    assert states(run) == [IntentState.DONE, IntentState.PLANNED]
    assert claim(run.pk) is not None


@pytest.mark.parametrize(("kind", "wait_s"), [("creation", 40), ("lifecycle", 10)])
def test_what_may_show_late_is_waited_for_and_not_repeated_at_once(
    kind: str, wait_s: int, ask: Ask, org: Org, kill: Kill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "PAUSE_S", 10)
    monkeypatch.setattr(application, "LONG_PAUSE_S", 40)
    wanted = CHANGES[kind](org)
    run = ask(wanted)
    kill.at(write=True, after=False)
    die(run)

    work_all()

    waiting = fresh(run)
    assert (waiting.state, waiting.wait_s) == (RunState.QUEUED, wait_s)
    assert waiting.waiting_for == "Okta to show what became of a change"
    assert not made(org, wanted.operation.name)

"""A change is committed, sent once, and known to be made."""

import pytest

from tenants.choices import IntentState, RunKind, RunState, Trigger
from tenants.models import AuditEvent, Resource, Run, RunEvent, Tenant
from tenants.runs import engine
from tenants.sandbox.org import Org
from tests.actions.conftest import (
    Ask,
    active_app,
    change,
    fresh,
    made,
    new_app,
    new_server,
    only,
    states,
)
from tests.service import work_all

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_lifecycle_is_sent_once_and_the_mirror_follows(
    apply: Ask, org: Org, changeable: Tenant
) -> None:
    app = active_app(org)

    run = apply(change("deactivateApplication", appId=app))

    assert (run.state, states(run)) == (RunState.SUCCEEDED, [IntentState.DONE])
    assert len(made(org, "deactivateApplication")) == 1
    assert Resource.objects.get(tenant=changeable, okta_id=app).status == "INACTIVE"


def test_a_creation_is_sent_once_and_its_id_is_kept(apply: Ask, org: Org) -> None:
    run = apply(new_server(), new_app())

    server, app = run.intents.order_by("number")
    assert server.okta_id == made(org, "createAuthorizationServer")[0].created
    assert app.okta_id == made(org, "createApplication")[0].created
    assert run.outcome == {"changes": {"done": 2}}
    assert server.known is None


def test_what_is_so_already_is_not_sent(apply: Ask, org: Org) -> None:
    app = active_app(org)

    run = apply(change("activateApplication", appId=app))

    assert only(run).evidence == "Nothing was sent. Okta shows it as ACTIVE."
    assert (only(run).state, only(run).sent_count) == (IntentState.DONE, 0)
    assert not made(org, "activateApplication")


def test_what_was_deleted_already_counts_as_deleted(apply: Ask, org: Org) -> None:
    run = apply(change("deleteAuthorizationServer", authServerId="aus00000000000000000"))

    assert states(run) == [IntentState.DONE]
    assert not made(org, "deleteAuthorizationServer")


def test_what_okta_refuses_keeps_back_all_that_may_build_on_it(apply: Ask, org: Org) -> None:
    run = apply(new_server("Good"), new_server("Bad", audiences=[]), new_server("Never"))

    good, bad, never = run.intents.order_by("number")
    assert states(run) == [IntentState.DONE, IntentState.REFUSED, IntentState.DROPPED]
    assert (run.state, run.error_code) == (RunState.FAILED, "change_refused")
    assert bad.error_code == "E0000001"
    assert "2 of this run was not made" in never.evidence
    assert len(made(org, "createAuthorizationServer")) == 1
    assert good.okta_id


def test_what_it_is_about_has_to_be_there(apply: Ask, org: Org) -> None:
    run = apply(change("deactivateApplication", appId="0oanobodyknowsthisone"))

    assert (only(run).state, only(run).error_code) == (IntentState.REFUSED, "not_found")
    assert only(run).sent_count == 0


def test_its_token_holds_the_scopes_of_its_own_changes_alone(ask: Ask, org: Org) -> None:
    run = ask(new_server())
    org.requests.clear()

    engine.work(run.pk)

    used = {asked.scopes for asked in org.requests if asked.path.startswith("/api/")}
    assert used == {frozenset({"okta.authorizationServers.manage"})}


def test_a_sync_follows_whatever_came_of_it(apply: Ask, org: Org, changeable: Tenant) -> None:
    apply(new_server("One"), new_server("Two", audiences=[]))

    sync = Run.objects.filter(tenant=changeable, kind=RunKind.SYNC).latest("created_at")
    assert (sync.trigger, sync.state) == (Trigger.FOLLOW_UP, RunState.SUCCEEDED)
    assert Resource.objects.filter(tenant=changeable, label="One").exists()


def test_asking_and_ending_are_on_the_record_without_bodies(
    apply: Ask, org: Org, operator: object
) -> None:
    run = apply(new_server("Secret plans"))

    asked = AuditEvent.objects.get(action="change.asked")
    ended = AuditEvent.objects.get(action="change.ended")
    told = RunEvent.objects.filter(run=run).values_list("text", flat=True)
    assert asked.actor == operator
    assert asked.detail == {
        "run": str(run.pk),
        "changes": [{"operation": "createAuthorizationServer", "path": {}}],
    }
    assert ended.detail == {"run": str(run.pk), "changes": {"done": 1}}
    assert not [text for text in told if "Secret plans" in text]


def test_many_changes_take_several_slices(ask: Ask, org: Org) -> None:
    run = ask(*[new_server(f"Server {number}") for number in range(12)])

    work_all()

    assert fresh(run).slice_count > 1
    assert (fresh(run).done_count, fresh(run).total_count) == (12, 12)
    assert len(made(org, "createAuthorizationServer")) == 12

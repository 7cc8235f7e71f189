"""Disconnecting: at once nothing works any more, and soon nothing is there any more."""

from typing import Any

import pytest

from tenants.broker.service import forget_configuration
from tenants.choices import CredentialState, RunKind, RunState, TenantState, Trigger
from tenants.connections import disconnection, promotion
from tenants.connections.leaving import tenant_disconnect
from tenants.connections.traces import traces_of
from tenants.errors import AlreadyLeft, NotConnected, StillLeaving
from tenants.inventory import handler
from tenants.models import AuditEvent, Credential, Job, Resource, Run, SealedSecret, Tenant, User
from tenants.runs import engine
from tenants.runs.queue import run_cancel, run_queue
from tenants.sandbox.org import Org
from tests.service import Submit, last_run, live_runs, run_once, work_all

pytestmark = pytest.mark.django_db(transaction=True)


#: What names a tenant that has left: its row, its link, its trail, and the run that emptied it.
EMPTY = {"auditevent", "run", "setuplink", "tenant", "tenantsummary"}


def _named_in(tenant: Tenant) -> set[str]:
    """Tables that name a tenant, as the database itself knows them."""
    return {trace.table.removeprefix("tenants_") for trace in traces_of(tenant.pk).left}


def test_disconnecting_keeps_the_audit_trail_alone(connected: Tenant, operator: User) -> None:
    events = AuditEvent.objects.filter(tenant=connected).count()

    run = tenant_disconnect(tenant=connected, actor=operator)
    work_all()

    run.refresh_from_db()
    connected.refresh_from_db()
    assert (run.state, run.outcome["deleted"]["resources"] > 12) == (RunState.SUCCEEDED, True)
    assert _named_in(connected) == EMPTY
    assert Run.objects.get() == run
    assert connected.state == TenantState.DISCONNECTED
    assert (connected.org_id, connected.host, connected.connected_at) == ("", "", None)
    assert AuditEvent.objects.filter(tenant=connected).count() == events + 2


def test_from_the_same_moment_nothing_is_asked_of_the_org(
    connected: Tenant, acme: Org, operator: User
) -> None:
    run_queue(tenant=connected, kind=RunKind.SYNC, trigger=Trigger.SCHEDULE)
    acme.requests.clear()

    tenant_disconnect(tenant=connected, actor=operator)

    assert live_runs(connected) == [RunKind.DISCONNECT]
    assert not Credential.objects.filter(state=CredentialState.ACTIVE).exists()
    work_all()
    # But to end the tokens that there are.
    assert {asked.path for asked in acme.requests} <= {"/oauth2/v1/revoke"}


def test_a_sync_in_the_middle_writes_nothing_more(
    connected: Tenant, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan_page = handler.plan_page

    def leave_and_plan(*args: Any, **options: Any) -> Any:
        monkeypatch.setattr(handler, "plan_page", plan_page)
        tenant_disconnect(tenant=connected, actor=operator)
        work_all()
        return plan_page(*args, **options)

    monkeypatch.setattr(handler, "plan_page", leave_and_plan)
    sync = run_queue(tenant=connected, kind=RunKind.SYNC, trigger=Trigger.SCHEDULE)
    engine.work(sync.pk)

    assert not Resource.objects.filter(tenant=connected).exists()
    assert not Run.objects.filter(pk=sync.pk).exists()


def test_a_proof_under_way_is_ended_with_its_secret(
    tenant: Tenant, acme: Org, submit: Submit, operator: User
) -> None:
    submit(acme)

    tenant_disconnect(tenant=tenant, actor=operator)

    assert not SealedSecret.objects.exists()


def test_tokens_are_forgotten(
    connected: Tenant, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[int] = []
    monkeypatch.setattr(
        promotion, "tokens_forget", lambda credential: forgotten.append(credential.version)
    )

    tenant_disconnect(tenant=connected, actor=operator)
    work_all()

    assert forgotten == [1]


def test_the_customer_can_connect_again_also_another_org(
    connected: Tenant, operator: User, submit: Submit, sandbox: Any
) -> None:
    globex = sandbox.add_org("globex.okta.com", apps=1)
    tenant_disconnect(tenant=connected, actor=operator)
    with pytest.raises(StillLeaving):
        submit(globex)
    work_all()

    submit(globex)
    work_all()

    connected.refresh_from_db()
    assert (connected.state, connected.host) == (TenantState.CONNECTED, "globex.okta.com")
    assert last_run(connected, RunKind.SYNC).state == RunState.SUCCEEDED
    assert Job.objects.filter(tenant=connected).count() == 2


def test_disconnecting_goes_on_while_everything_rests(connected: Tenant, operator: User) -> None:
    Tenant.objects.filter(pk=connected.pk).update(
        state=TenantState.PAUSED, paused_from=TenantState.CONNECTED
    )

    tenant_disconnect(tenant=connected, actor=operator)
    work_all()

    assert last_run(connected, RunKind.DISCONNECT).state == RunState.SUCCEEDED


def test_twice_is_refused(connected: Tenant, operator: User) -> None:
    tenant_disconnect(tenant=connected, actor=operator)

    with pytest.raises(AlreadyLeft):
        tenant_disconnect(tenant=connected, actor=operator)


def test_what_was_never_connected_cannot_be_disconnected(tenant: Tenant, operator: User) -> None:
    with pytest.raises(NotConnected):
        tenant_disconnect(tenant=tenant, actor=operator)


def test_cancelled_or_broken_it_has_destroyed_the_secrets(
    connected: Tenant, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tenant_disconnect(tenant=connected, actor=operator)
    run_cancel(run=run, actor=operator)
    after_cancel = SealedSecret.objects.count(), Resource.objects.exists()

    again = run_once(connected, RunKind.DISCONNECT)

    assert after_cancel == (0, True)
    assert again.state == RunState.SUCCEEDED
    assert _named_in(connected) == EMPTY


def test_a_worker_that_dies_in_the_middle_is_followed_by_one_that_finishes(
    connected: Tenant, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disconnection, "BATCH", 3)
    monkeypatch.setattr(engine, "SLICE_STEPS", 1)
    run = tenant_disconnect(tenant=connected, actor=operator)
    before = Resource.objects.filter(tenant=connected).count()

    work_all(limit=500)

    run.refresh_from_db()
    assert run.slice_count > before / 3
    assert run.outcome["deleted"]["resources"] == before
    assert _named_in(connected) == EMPTY


def test_repeated_after_the_tenant_came_back_it_deletes_nothing(
    connected: Tenant, operator: User, acme: Org, submit: Submit
) -> None:
    tenant_disconnect(tenant=connected, actor=operator)
    work_all()
    submit(acme)
    work_all()

    run = run_once(connected, RunKind.DISCONNECT)

    assert (run.state, run.error_code) == (RunState.FAILED, "still_connected")
    assert Resource.objects.filter(tenant=connected).exists()
    assert run_once(connected, RunKind.SYNC).state == RunState.SUCCEEDED


def test_a_token_that_redis_could_not_be_told_of_proves_no_later_secret(
    tenant: Tenant, acme: Org, operator: User, submit: Submit, settings: Any, redis_server: str
) -> None:
    submit(acme)
    work_all()
    there, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    forget_configuration()
    tenant_disconnect(tenant=tenant, actor=operator)
    work_all()
    settings.REDIS_URL = there
    forget_configuration()

    proof = submit(acme, client_secret="not-the-right-one-at-all")
    work_all()

    proof.refresh_from_db()
    assert proof.error_code == "wrong_secret"

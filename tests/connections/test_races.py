"""Two things at once, and what was begun but never ended: no tenant is left in between."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tenants.choices import CredentialState, RunKind, RunState, TenantState, Trigger
from tenants.connections import promotion, verification
from tenants.connections.control import tenant_pause, tenant_resume
from tenants.connections.invitations import setup_link_renew, setup_link_revoke
from tenants.inventory import handler
from tenants.models import AuditEvent, Credential, Job, Run, SealedSecret, SetupLink, Tenant, User
from tenants.runs import engine
from tenants.runs.queue import run_cancel, run_queue
from tenants.runs.schedule import queue_due_jobs
from tenants.sandbox.org import Org
from tests.service import Submit, run_once, work_all

pytestmark = pytest.mark.django_db(transaction=True)

DuringSync = Callable[[Callable[[], None]], Run]


def _states(tenant: Tenant) -> list[str]:
    return list(tenant.credentials.order_by("version").values_list("state", flat=True))


@pytest.fixture
def during_sync(connected: Tenant, monkeypatch: pytest.MonkeyPatch) -> DuringSync:
    """Start a sync, let something happen after its first page has come, and work that slice."""

    def _during_sync(act: Callable[[], None]) -> Run:
        plan_page, acts = handler.plan_page, [act]

        def plan_and_act(*args: Any, **options: Any) -> Any:
            if acts:
                acts.pop()()
            return plan_page(*args, **options)

        monkeypatch.setattr(handler, "plan_page", plan_and_act)
        run = run_queue(tenant=connected, kind=RunKind.SYNC, trigger=Trigger.SCHEDULE)
        engine.work(run.pk)
        run.refresh_from_db()
        return run

    return _during_sync


def test_a_sync_whose_secret_was_replaced_goes_on_with_the_new_one(
    connected: Tenant, acme: Org, submit: Submit, during_sync: DuringSync
) -> None:
    def replace_secret() -> None:
        acme.rotate_secret(keep_old=False)
        acme.expire_tokens()
        engine.work(submit(acme).pk)

    run = during_sync(replace_secret)
    connected.refresh_from_db()
    waiting, state = run.state, connected.state
    Run.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    work_all()

    run.refresh_from_db()
    assert (waiting, state) == (RunState.QUEUED, TenantState.CONNECTED)
    assert run.state == RunState.SUCCEEDED
    assert _states(connected) == [CredentialState.REVOKED, CredentialState.ACTIVE]


def test_the_old_secret_stays_until_the_new_one_has_read_something(
    connected: Tenant, acme: Org, submit: Submit, during_sync: DuringSync
) -> None:
    def rotate() -> None:
        acme.rotate_secret(keep_old=True)
        engine.work(submit(acme).pk)

    with_the_old_one = during_sync(rotate)
    after_that = _states(connected)
    run_once(connected, RunKind.SYNC)

    assert with_the_old_one.state == RunState.SUCCEEDED
    assert after_that == [CredentialState.RETIRING, CredentialState.ACTIVE]
    assert _states(connected) == [CredentialState.REVOKED, CredentialState.ACTIVE]


def test_tokens_die_with_their_credential(
    connected: Tenant, acme: Org, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[int] = []

    def forget(credential: Credential, **_: Credential) -> None:
        forgotten.append(credential.version)

    monkeypatch.setattr(promotion, "tokens_forget", forget)
    monkeypatch.setattr(promotion, "tokens_revoke", forget)

    submit(acme, client_secret="not-the-right-one-at-all")
    work_all()
    submit(acme)
    work_all()

    assert forgotten == [2, 1]


def _cancel(run: Run, operator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    run_cancel(run=run, actor=operator)


def _err(run: Run, operator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(verification, "fetch_org_metadata", lambda http: {}["our mistake"])
        with pytest.raises(KeyError):
            engine.work(run.pk)


def _poison(run: Run, operator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    Run.objects.filter(pk=run.pk).update(attempts=engine.MOST_ATTEMPTS)
    engine.work(run.pk)


@pytest.mark.parametrize(
    ("end", "code"), [(_cancel, "cancelled"), (_err, "internal"), (_poison, "quarantined")]
)
def test_however_a_verification_ends_the_next_one_can_begin(
    tenant: Tenant,
    acme: Org,
    submit: Submit,
    operator: User,
    monkeypatch: pytest.MonkeyPatch,
    end: Callable[..., None],
    code: str,
) -> None:
    end(submit(acme), operator, monkeypatch)
    tenant.refresh_from_db()
    ended = (tenant.state, tenant.attention_code, SealedSecret.objects.count())
    submit(acme)
    work_all()

    tenant.refresh_from_db()
    assert ended == (TenantState.INVITED, code, 0)
    assert (tenant.state, tenant.attention_code) == (TenantState.CONNECTED, "")


def test_sending_again_takes_back_the_last_refusal(
    tenant: Tenant, acme: Org, submit: Submit
) -> None:
    submit(acme, client_secret="x" * 40)
    work_all()

    submit(acme)

    tenant.refresh_from_db()
    assert (tenant.state, tenant.attention_code) == (TenantState.VERIFYING, "")


def test_a_connection_mended_while_paused_works_when_resumed(
    connected: Tenant, acme: Org, submit: Submit, operator: User
) -> None:
    acme.revoke_integration()
    run_once(connected, RunKind.SYNC)
    tenant_pause(tenant=connected, actor=operator)
    acme.install()
    submit(acme)
    work_all()

    tenant_resume(tenant=connected, actor=operator)
    work_all()

    connected.refresh_from_db()
    assert (connected.state, connected.attention_code) == (TenantState.CONNECTED, "")


def test_a_connection_that_broke_while_paused_is_in_trouble_when_resumed(
    connected: Tenant, acme: Org, operator: User, during_sync: DuringSync
) -> None:
    def pause_and_revoke() -> None:
        tenant_pause(tenant=connected, actor=operator)
        acme.revoke_integration()

    during_sync(pause_and_revoke)
    tenant_resume(tenant=connected, actor=operator)

    connected.refresh_from_db()
    assert (connected.state, connected.attention_code) == (TenantState.ATTENTION, "invalid_client")


def test_pausing_remembers_what_the_tenant_is_not_what_the_page_showed(
    connected: Tenant, operator: User
) -> None:
    Tenant.objects.update(state=TenantState.ATTENTION)

    tenant_pause(tenant=connected, actor=operator)
    tenant_resume(tenant=Tenant(pk=connected.pk), actor=operator)

    assert Tenant.objects.get().state == TenantState.ATTENTION


def test_an_org_that_comes_back_by_itself_is_noticed(connected: Tenant, acme: Org) -> None:
    acme.dead = True
    run_once(connected, RunKind.SYNC)
    connected.refresh_from_db()
    down = connected.state
    acme.dead = False
    Job.objects.update(next_run_at=timezone.now() - timedelta(hours=25))

    queue_due_jobs()
    work_all()

    connected.refresh_from_db()
    assert down == TenantState.ATTENTION
    assert (connected.state, connected.attention_code) == (TenantState.CONNECTED, "")


def test_an_org_that_can_be_read_in_part_is_connected_again(connected: Tenant, acme: Org) -> None:
    Tenant.objects.update(state=TenantState.ATTENTION, attention_code="wrong_host")
    for app in acme.list("app")[1:]:
        acme.remove("app", app["id"])

    for _ in range(2):
        run_once(connected, RunKind.SYNC)

    connected.refresh_from_db()
    told = AuditEvent.objects.filter(action="connection.trouble", detail__code="shrink_held")
    assert (connected.state, connected.attention_code) == (TenantState.CONNECTED, "shrink_held")
    assert told.count() == 1


def test_of_links_renewed_at_once_the_last_one_lives(tenant: Tenant, operator: User) -> None:
    def renew(_: int) -> str:
        try:
            return setup_link_renew(tenant=tenant, actor=operator)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as clicks:
        tokens = list(clicks.map(renew, range(6)))

    assert len(set(tokens)) == 6
    assert SetupLink.objects.filter(tenant=tenant, revoked_at=None).count() == 1


def test_revoking_the_link_cancels_a_proof_that_came_in_by_it(
    tenant: Tenant, acme: Org, operator: User, submit: Submit
) -> None:
    run = submit(acme)

    setup_link_revoke(tenant=tenant, actor=operator)
    work_all()

    run.refresh_from_db()
    tenant.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert tenant.state == TenantState.INVITED
    assert not SealedSecret.objects.exists()


def test_revoking_the_link_leaves_what_is_connected(connected: Tenant, operator: User) -> None:
    setup_link_revoke(tenant=connected, actor=operator)

    connected.refresh_from_db()
    assert connected.state == TenantState.CONNECTED
    assert run_once(connected, RunKind.SYNC).state == RunState.SUCCEEDED

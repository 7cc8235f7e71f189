"""Deleting: restorable for a while, and after that nothing is left but tombstones."""

from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.core.management import CommandError, call_command
from django.utils import timezone

from oin_service.ports import free_port
from tenants.choices import RunKind, RunState, TenantState
from tenants.connections import upkeep
from tenants.connections.control import tenant_pause, tenant_resume
from tenants.connections.forgetting import empty_left_tenants, forget_deleted_tenants
from tenants.connections.invitations import setup_link_open, setup_link_renew, tenant_create
from tenants.connections.leaving import tenant_delete, tenant_disconnect, tenant_restore
from tenants.connections.traces import traces_of
from tenants.errors import AlreadyLeft, LinkNotUsable, NotDeleted
from tenants.models import AuditEvent, Resource, Run, SealedSecret, Tenant, User
from tenants.runs.queue import run_cancel
from tenants.tasks import tick
from tests.service import live_runs, run_once, work_all

pytestmark = pytest.mark.django_db(transaction=True)


def _time_passes(tenant: Tenant, days: float) -> None:
    tenant.refresh_from_db()
    assert tenant.forget_at
    Tenant.objects.filter(pk=tenant.pk).update(forget_at=tenant.forget_at - timedelta(days=days))


def _forget(tenant: Tenant) -> None:
    """What ticks and workers do once the time is over."""
    for _ in range(3):
        forget_deleted_tenants()
        work_all()


def test_a_deleted_tenant_rests_with_all_it_has(connected: Tenant, operator: User) -> None:
    token = setup_link_renew(tenant=connected, actor=operator)

    tenant_delete(tenant=connected, actor=operator)
    _forget(connected)

    assert connected.state == TenantState.DELETED
    assert connected.forget_at is not None
    assert connected.forget_at - timezone.now() > timedelta(days=29)
    assert live_runs(connected) == []
    assert SealedSecret.objects.filter(tenant=connected).exists()
    with pytest.raises(LinkNotUsable):
        setup_link_open(token)


def test_a_restored_tenant_comes_back_paused_and_works_when_resumed(
    connected: Tenant, operator: User
) -> None:
    tenant_delete(tenant=connected, actor=operator)
    _time_passes(connected, days=29.9)
    _forget(connected)

    tenant_restore(tenant=connected, actor=operator)
    between = connected.state
    tenant_resume(tenant=connected, actor=operator)

    assert (between, connected.forget_at) == (TenantState.PAUSED, None)
    assert run_once(connected, RunKind.SYNC).state == RunState.SUCCEEDED


@pytest.mark.parametrize("state", ["invited", "disconnected", "paused"])
def test_whatever_it_was_it_becomes_again(state: str, connected: Tenant, operator: User) -> None:
    if state == "invited":
        connected, _ = tenant_create(name="New", contact_email="it@n.example", actor=operator)
    elif state == "paused":
        tenant_pause(tenant=connected, actor=operator)
    else:
        tenant_disconnect(tenant=connected, actor=operator)
    tenant_delete(tenant=connected, actor=operator)

    tenant_restore(tenant=connected, actor=operator)

    assert connected.state == state


def test_after_its_time_nothing_is_left_but_tombstones(
    connected: Tenant, operator: User, redis_server: str
) -> None:
    beside, _ = tenant_create(name="Beside", contact_email="it@b.example", actor=operator)
    tenant_id = connected.pk
    events = AuditEvent.objects.filter(tenant=connected).count()
    tenant_delete(tenant=connected, actor=operator)
    before = {trace.table for trace in traces_of(tenant_id).left}
    _time_passes(connected, days=30)

    _forget(connected)

    search = traces_of(tenant_id)
    assert {"tenants_resource", "tenants_sealedsecret", "tenants_run"} <= before
    assert search.left == ()
    assert search.tombstones == events + 3  # deleted, emptied, forgotten
    assert (search.tables > 20, search.columns > 150) == (True, True)
    assert search.redis_keys is not None
    assert Tenant.objects.get() == beside


def test_a_tombstone_says_who_did_what_and_when_but_not_on_what(
    connected: Tenant, operator: User
) -> None:
    tenant_delete(tenant=connected, actor=operator)
    _time_passes(connected, days=30)
    _forget(connected)

    deleted = AuditEvent.objects.get(action="tenant.deleted")
    assert (deleted.actor, deleted.forgotten) == (operator, connected.pk)
    kept = str(list(AuditEvent.objects.values()))
    assert "acme" not in kept
    assert "0oa" not in kept


@pytest.mark.parametrize("where", ["name", "value", "member", "field"])
def test_the_proof_sees_into_redis(where: str, redis_server: str) -> None:
    tenant_id = uuid4()
    with redis.Redis.from_url(redis_server) as client:
        if where == "name":
            client.set(f"hub:{tenant_id.hex}", "1")
        elif where == "value":
            client.set("hub:a", f"of {tenant_id}")
        elif where == "member":
            client.zadd("hub:b", {str(tenant_id): 1})
        else:
            client.hset("hub:c", tenant_id.hex, "1")

    (trace,) = traces_of(tenant_id).left

    assert (trace.table, trace.count) == ("Redis", 1)


def test_without_redis_the_proof_says_so(tenant: Tenant, settings: Any) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"

    assert traces_of(tenant.pk).redis_keys is None


def test_too_late_is_too_late(connected: Tenant, operator: User) -> None:
    tenant_delete(tenant=connected, actor=operator)
    _time_passes(connected, days=30)

    with pytest.raises(NotDeleted):
        tenant_restore(tenant=connected, actor=operator)


def test_what_is_being_emptied_is_not_restored_when_the_clock_was_set_back(
    connected: Tenant, operator: User
) -> None:
    tenant_delete(tenant=connected, actor=operator)
    _time_passes(connected, days=30)
    forget_deleted_tenants()
    _time_passes(connected, days=-1)

    with pytest.raises(NotDeleted):
        tenant_restore(tenant=connected, actor=operator)
    _time_passes(connected, days=1)
    _forget(connected)

    assert not Tenant.objects.exists()


def test_what_is_not_deleted_is_neither_restored_nor_forgotten(
    connected: Tenant, operator: User
) -> None:
    _forget(connected)

    with pytest.raises(NotDeleted):
        tenant_restore(tenant=connected, actor=operator)
    assert Tenant.objects.filter(pk=connected.pk).exists()


def test_a_tenant_is_deleted_once(connected: Tenant, operator: User) -> None:
    tenant_delete(tenant=connected, actor=operator)

    with pytest.raises(AlreadyLeft):
        tenant_delete(tenant=connected, actor=operator)


def test_many_ticks_empty_it_once(connected: Tenant, operator: User) -> None:
    tenant_delete(tenant=connected, actor=operator)
    _time_passes(connected, days=30)

    for _ in range(4):
        tick()

    assert Run.objects.filter(tenant=connected, kind=RunKind.DISCONNECT).count() == 1


def test_a_clock_that_is_behind_where_the_run_was_queued_has_it_emptied_once(
    connected: Tenant, operator: User
) -> None:
    tenant_delete(tenant=connected, actor=operator)
    _time_passes(connected, days=30)
    forget_deleted_tenants()
    Run.objects.update(created_at=timezone.now() - timedelta(days=1))
    work_all()

    forget_deleted_tenants()

    assert not Tenant.objects.exists()


def test_a_mistake_of_ours_is_not_repeated_every_two_seconds(
    connected: Tenant, operator: User
) -> None:
    tenant_delete(tenant=connected, actor=operator)
    _time_passes(connected, days=30)
    forget_deleted_tenants()
    failed = Run.objects.filter(tenant=connected, kind=RunKind.DISCONNECT)
    failed.update(state=RunState.ERRORED, ended_at=timezone.now())

    forget_deleted_tenants()
    now = failed.count()
    failed.update(ended_at=timezone.now() - timedelta(hours=2))
    forget_deleted_tenants()

    assert (now, failed.count()) == (1, 2)


def test_a_disconnected_tenant_is_emptied_to_the_end_though_its_run_was_cancelled(
    connected: Tenant, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_cancel(run=tenant_disconnect(tenant=connected, actor=operator), actor=operator)
    at_once = empty_left_tenants()
    Run.objects.update(ended_at=timezone.now() - timedelta(hours=1))

    monkeypatch.setattr(upkeep, "_looked_at", float("-inf"))
    upkeep.upkeep()
    queued, again = live_runs(connected), empty_left_tenants()
    work_all()
    Run.objects.update(ended_at=timezone.now() - timedelta(hours=1))

    assert (at_once, queued, again) == (0, [RunKind.DISCONNECT], 0)
    assert empty_left_tenants() == 0
    assert not Resource.objects.filter(tenant=connected).exists()


def test_the_command_tells_what_is_there_and_proves_that_nothing_is(
    connected: Tenant, operator: User
) -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="This tenant is connected"):
        call_command("forget", str(connected.pk), stdout=out)
    tenant_delete(tenant=connected, actor=operator)
    with pytest.raises(CommandError, match="forgotten after 20"):
        call_command("forget", str(connected.pk), stdout=StringIO())

    call_command("forget", str(connected.pk), "--now", stdout=StringIO())
    _forget(connected)
    proof = StringIO()
    call_command("forget", str(connected.pk), stdout=proof)

    assert "tenants_resource.tenant_id: " in out.getvalue()
    assert "Nothing is left but" in proof.getvalue()
    assert not Resource.objects.exists()


def test_the_command_hastens_only_what_is_deleted(connected: Tenant) -> None:
    with pytest.raises(CommandError, match="Delete it in the dashboard first"):
        call_command("forget", str(connected.pk), "--now")
    with pytest.raises(CommandError, match="no tenant with this id"):
        call_command("forget", str(uuid4()), "--now")

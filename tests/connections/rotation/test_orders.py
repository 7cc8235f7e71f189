"""When a secret is replaced by ourselves, and at whose word."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants.choices import CredentialState, RotationState, RunKind, RunState, TenantState
from tenants.connections.rotation_orders import queue_due_rotations, rotation_now, rotation_switch
from tenants.errors import NotConnected, RotationNotGranted, RunAlreadyLive
from tenants.models import AuditEvent, Credential, Rotation, Run, Tenant, User
from tenants.runs import engine
from tenants.sandbox.org import Org
from tests.connections.rotation.rotating import (
    MANAGE,
    a_day_passes,
    bring_to_its_end,
    listed,
    rotate,
    states,
    works,
)
from tests.connections.test_reminders import make_old
from tests.service import run_once, work_all

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_off_until_somebody_switches_it_on(
    connected: Tenant, acme: Org, operator: User
) -> None:
    make_old(connected, days=51)
    off = queue_due_rotations()
    rotation_switch(tenant=connected, on=True, actor=operator)
    on = [queue_due_rotations() for _ in range(3)]

    assert (off, on) == (0, [1, 0, 0])
    event = AuditEvent.objects.get(action="rotation.switched_on")
    assert event.actor == operator


def test_a_young_secret_stays(connected: Tenant, acme: Org, operator: User) -> None:
    rotation_switch(tenant=connected, on=True, actor=operator)
    make_old(connected, days=49)

    assert queue_due_rotations() == 0


def test_what_failed_is_tried_again_the_next_day(
    connected: Tenant, acme: Org, operator: User
) -> None:
    rotation_switch(tenant=connected, on=True, actor=operator)
    make_old(connected, days=51)
    queue_due_rotations()
    Run.objects.filter(kind=RunKind.ROTATE).update(state=RunState.FAILED, ended_at=timezone.now())
    soon = queue_due_rotations()
    Run.objects.update(ended_at=timezone.now() - timedelta(hours=25))

    assert (soon, queue_due_rotations()) == (0, 1)


def test_what_has_begun_is_brought_to_its_end_also_when_switched_off(
    connected: Tenant, acme: Org, operator: User
) -> None:
    rotation_switch(tenant=connected, on=True, actor=operator)
    rotate(connected, operator)
    rotation_switch(tenant=connected, on=False, actor=operator)
    Run.objects.filter(kind=RunKind.ROTATE).update(
        state=RunState.CANCELLED, ended_at=timezone.now() - timedelta(hours=2)
    )

    queued = queue_due_rotations()
    bring_to_its_end(connected, acme)

    assert queued == 1
    assert listed(acme) == ["ACTIVE"]
    assert Rotation.objects.get().state == RotationState.DONE


def test_with_a_secret_that_okta_refuses_it_is_tried_once_a_day(
    connected: Tenant, acme: Org, operator: User
) -> None:
    rotate(connected, operator)
    acme.revoke_integration()
    a_day_passes()
    work_all()
    connected.refresh_from_db()
    assert connected.state == TenantState.ATTENTION

    Run.objects.update(ended_at=timezone.now() - timedelta(hours=2))
    soon = queue_due_rotations()
    Run.objects.update(ended_at=timezone.now() - timedelta(hours=25))

    assert (soon, queue_due_rotations()) == (0, 1)


def test_a_permission_taken_back_in_the_middle_is_told_once_and_tried_once_a_day(
    connected: Tenant, acme: Org, operator: User
) -> None:
    run = rotate(connected, operator)
    acme.granted = acme.granted - {MANAGE}
    a_day_passes()
    work_all()
    Run.objects.filter(pk=run.pk).update(ended_at=timezone.now() - timedelta(hours=2))
    two_hours_later = queue_due_rotations()
    Run.objects.filter(pk=run.pk).update(ended_at=timezone.now() - timedelta(days=1))
    a_day_later = queue_due_rotations()
    work_all()

    connected.refresh_from_db()
    assert (two_hours_later, a_day_later) == (0, 1)
    assert connected.attention_code == "rotation_not_granted"
    assert AuditEvent.objects.filter(action="rotation.stopped").count() == 1
    assert works(connected)

    acme.grant(MANAGE)
    Run.objects.filter(kind=RunKind.ROTATE).update(ended_at=timezone.now() - timedelta(days=1))
    queue_due_rotations()
    work_all()

    assert listed(acme) == ["ACTIVE"]
    assert states(connected) == [CredentialState.REVOKED, CredentialState.ACTIVE]


def test_a_workers_clock_that_is_ahead_does_not_shorten_the_grace(
    connected: Tenant, acme: Org, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = rotate(connected, operator)
    ahead = timezone.now() + timedelta(days=2)
    Run.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr(timezone, "now", lambda: ahead)

    engine.work(run.pk)

    assert Rotation.objects.get().state == RotationState.PROMOTED
    assert listed(acme) == ["ACTIVE", "ACTIVE"]


def test_without_the_scope_it_cannot_be_switched_on(connected: Tenant, operator: User) -> None:
    Credential.objects.update(scopes_granted="okta.apps.read")

    with pytest.raises(RotationNotGranted):
        rotation_switch(tenant=connected, on=True, actor=operator)
    with pytest.raises(RotationNotGranted):
        rotation_now(tenant=connected, actor=operator)
    assert run_once(connected, RunKind.ROTATE).error_code == "rotation_not_granted"


def test_without_a_connection_it_cannot_be_switched_on(tenant: Tenant, operator: User) -> None:
    with pytest.raises(NotConnected):
        rotation_switch(tenant=tenant, on=True, actor=operator)


def test_two_at_once_are_one(connected: Tenant, acme: Org, operator: User) -> None:
    rotate(connected, operator)

    with pytest.raises(RunAlreadyLive):
        rotation_now(tenant=connected, actor=operator)


def test_it_asks_with_this_one_scope_alone(connected: Tenant, acme: Org, operator: User) -> None:
    acme.requests.clear()

    rotate(connected, operator)

    asked = {one.scopes for one in acme.requests if one.path.startswith("/integrations/")}
    assert asked == {frozenset({MANAGE})}

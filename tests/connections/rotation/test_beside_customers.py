"""A customer sends a secret of its own, or leaves, while we replace ours."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from tenants.broker.sealing import secret_open
from tenants.choices import CredentialState, RotationState, RunKind, RunState, TenantState
from tenants.connections.control import tenant_resume
from tenants.connections.leaving import tenant_delete, tenant_disconnect, tenant_restore
from tenants.connections.okta_secrets import OktaSecrets
from tenants.connections.rotation import _Exchange
from tenants.connections.rotation_orders import queue_due_rotations, rotation_now
from tenants.connections.rotation_rows import rotation_give_up
from tenants.errors import SecretBeingReplaced
from tenants.models import Rotation, Run, SealedSecret, Tenant, User
from tenants.runs import engine
from tenants.sandbox.installs import SECRET
from tenants.sandbox.org import Org
from tests.connections.rotation.rotating import (
    BEFORE_CREATING,
    BEFORE_PROMOTING,
    CREATE,
    MANAGE,
    Killed,
    a_day_passes,
    bring_to_its_end,
    listed,
    rotate,
    states,
    works,
)
from tests.service import Submit, last_run, work_all

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_secret_of_the_customers_waits_until_ours_is_proven(
    connected: Tenant, acme: Org, operator: User, submit: Submit, dies: Any
) -> None:
    rotation_now(tenant=connected, actor=operator)
    dies(BEFORE_CREATING)
    with suppress(Killed):
        work_all()

    with pytest.raises(SecretBeingReplaced):
        submit(acme)


def test_a_secret_of_the_customers_that_is_being_proven_comes_first(
    connected: Tenant, acme: Org, operator: User, submit: Submit
) -> None:
    rotation_now(tenant=connected, actor=operator)
    submit(acme)
    run = last_run(connected, RunKind.ROTATE)

    engine.work(run.pk)

    run.refresh_from_db()
    assert run.error_code == "being_proven"
    assert not Rotation.objects.exists()
    assert listed(acme) == ["ACTIVE"]


def test_a_secret_of_the_customers_during_the_grace_overtakes_ours(
    connected: Tenant, acme: Org, operator: User, submit: Submit
) -> None:
    run = rotate(connected, operator)
    theirs = acme.rotate_secret(keep_old=True)
    submit(acme, client_secret=theirs)
    work_all()
    before = acme.list(SECRET, acme.client_id)
    a_day_passes()
    work_all()

    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED
    assert acme.list(SECRET, acme.client_id) == before
    assert states(connected) == ["revoked", "revoked", "active"]
    assert SealedSecret.objects.count() == 1


@pytest.mark.parametrize("state", [RotationState.ASKED, RotationState.SEALED])
def test_an_integration_taken_away_in_the_middle_keeps_the_customer_from_nothing(
    state: RotationState, connected: Tenant, acme: Org, operator: User, submit: Submit, dies: Any
) -> None:
    rotation_now(tenant=connected, actor=operator)
    dies(BEFORE_PROMOTING[state])
    with suppress(Killed):
        work_all()
    assert Rotation.objects.get().state == state
    acme.revoke_integration()
    for _ in range(2):
        a_day_passes()
        Rotation.objects.update(sealed_at=F("sealed_at") - timedelta(days=1))
        work_all()

    acme.install()
    acme.grant(MANAGE)
    submit(acme)
    work_all()

    connected.refresh_from_db()
    assert (connected.state, connected.attention_code) == (TenantState.CONNECTED, "")
    assert not Rotation.objects.filter(ended_at=None).exists()
    assert SealedSecret.objects.count() == 1
    assert works(connected)


def _just_before(
    monkeypatch: pytest.MonkeyPatch, place: type, name: str, act: Callable[[], object]
) -> None:
    """Let something happen once, between what a worker has read and what it asks next."""
    real = getattr(place, name)

    def act_and_go_on(self: Any, *arguments: Any) -> Any:
        monkeypatch.setattr(place, name, real)
        act()
        return real(self, *arguments)

    monkeypatch.setattr(place, name, act_and_go_on)


@pytest.mark.parametrize(
    ("state", "place", "name"),
    [(RotationState.ASKED, OktaSecrets, "all"), (RotationState.SEALED, _Exchange, "_step")],
)
def test_who_had_read_a_rotation_that_is_given_up_since_does_not_go_on_with_it(
    state: RotationState,
    place: type,
    name: str,
    connected: Tenant,
    acme: Org,
    operator: User,
    dies: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rotation_now(tenant=connected, actor=operator)
    dies(BEFORE_PROMOTING[state])
    with suppress(Killed):
        work_all()
    assert Rotation.objects.get().state == state
    a_day_passes()
    made = len(acme.ledger.of(CREATE))
    _just_before(monkeypatch, place, name, lambda: rotation_give_up(connected))

    work_all()

    assert Rotation.objects.get().state == RotationState.UNDONE
    assert len(acme.ledger.of(CREATE)) == made
    assert connected.credentials.get(state=CredentialState.ACTIVE).version == 1
    assert SealedSecret.objects.count() == 1
    assert works(connected)


@pytest.mark.parametrize(("place", "name"), [(_Exchange, "_mint"), (OktaSecrets, "all")])
def test_a_secret_of_the_customers_that_came_in_between_is_the_one_to_be_replaced(
    place: type,
    name: str,
    connected: Tenant,
    acme: Org,
    operator: User,
    submit: Submit,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def bring() -> None:
        acme.rotate_secret(keep_old=False)
        engine.work(submit(acme).pk)

    run = rotation_now(tenant=connected, actor=operator)
    _just_before(monkeypatch, place, name, bring)
    engine.work(run.pk)
    connected.refresh_from_db()
    told = (connected.state, connected.attention_code)

    bring_to_its_end(connected, acme)

    assert told == (TenantState.CONNECTED, "")
    assert Rotation.objects.get().old.version == 2
    assert Rotation.objects.get().state == RotationState.DONE
    assert secret_open(connected.credentials.get(state="active")).expose() == acme.client_secret
    assert SealedSecret.objects.count() == 1


def test_a_secret_of_the_customers_that_came_in_between_stays_when_ours_does_not_work(
    connected: Tenant,
    acme: Org,
    operator: User,
    submit: Submit,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def bring() -> None:
        acme.installs.remove_secret(acme.client_id, ours)
        submit(acme, client_secret=acme.rotate_secret(keep_old=True))
        engine.work(last_run(connected, RunKind.VERIFY).pk)

    run = rotate(connected, operator)
    ours = Rotation.objects.get().new_okta_id
    acme.installs.set_secret_status(acme.client_id, ours, "INACTIVE")
    a_day_passes()
    _just_before(monkeypatch, _Exchange, "_go_back", bring)
    for _ in range(2):
        work_all()
        a_day_passes()

    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED
    assert Rotation.objects.get().state == RotationState.UNDONE
    assert connected.credentials.get(state=CredentialState.ACTIVE).version == 3
    assert works(connected)


def test_disconnecting_in_the_middle_keeps_no_secret(
    connected: Tenant, acme: Org, operator: User
) -> None:
    rotate(connected, operator)

    tenant_disconnect(tenant=connected, actor=operator)
    work_all()

    assert not SealedSecret.objects.exists()
    assert not Rotation.objects.exists()


def test_of_a_deleted_tenant_it_waits_for_the_tenant_to_be_back(
    connected: Tenant, acme: Org, operator: User
) -> None:
    rotate(connected, operator)
    tenant_delete(tenant=connected, actor=operator)
    Run.objects.update(ended_at=timezone.now() - timedelta(hours=2))

    while_deleted = queue_due_rotations()
    tenant_restore(tenant=connected, actor=operator)
    tenant_resume(tenant=connected, actor=operator)
    queued = queue_due_rotations()
    a_day_passes()
    work_all()

    assert (while_deleted, queued) == (0, 1)
    assert Rotation.objects.get().state == RotationState.DONE
    assert listed(acme) == ["ACTIVE"]

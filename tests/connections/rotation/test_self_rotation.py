"""Replacing our own secret in Okta: whoever dies when, the connection works and nothing is left."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from tenants.broker.sealing import secret_open
from tenants.choices import CredentialState, RotationState, RunKind, RunState
from tenants.connections.rotation import MOST_ASKINGS
from tenants.connections.rotation_orders import rotation_now, rotation_switch
from tenants.connections.rotation_rows import REFUSED
from tenants.models import AuditEvent, Rotation, Run, SealedSecret, Tenant, User
from tenants.runs import engine
from tenants.sandbox.faults import Status
from tenants.sandbox.installs import SECRET
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tenants.vault.errors import SealUnavailable
from tenants.vault.keys import LocalKey
from tests.connections.rotation.rotating import (
    BEFORE_CREATING,
    BEFORE_TRYING_ALONE,
    CREATE,
    DEACTIVATE,
    MOMENTS,
    Killed,
    a_day_passes,
    bring_to_its_end,
    listed,
    rotate,
    states,
    works,
)
from tests.service import last_run, work_all

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_new_secret_takes_the_place_of_the_old_one(
    connected: Tenant, acme: Org, operator: User
) -> None:
    first = acme.client_secret

    run = rotate(connected, operator)
    in_between = listed(acme), states(connected), run.state
    a_day_passes()
    work_all()

    run.refresh_from_db()
    assert in_between == (
        ["ACTIVE", "ACTIVE"],
        [CredentialState.RETIRING, CredentialState.ACTIVE],
        RunState.QUEUED,
    )
    assert run.state == RunState.SUCCEEDED
    assert listed(acme) == ["ACTIVE"]
    assert states(connected) == [CredentialState.REVOKED, CredentialState.ACTIVE]
    assert secret_open(connected.credentials.get(state="active")).expose() == acme.client_secret
    assert acme.client_secret != first
    assert SealedSecret.objects.count() == 1
    assert works(connected)


def test_the_old_one_works_on_for_a_day(connected: Tenant, acme: Org, operator: User) -> None:
    run = rotate(connected, operator)

    wait = run.not_before - timezone.now()
    synced = works(connected)

    assert timedelta(hours=23) < wait <= timedelta(hours=24)
    assert synced
    assert SealedSecret.objects.count() == 2
    assert listed(acme) == ["ACTIVE", "ACTIVE"]


@pytest.mark.parametrize("at", range(1, MOMENTS + 1))
def test_wherever_a_worker_dies_the_next_one_brings_it_to_its_end(
    at: int, connected: Tenant, acme: Org, operator: User, dies: Any
) -> None:
    rotation_now(tenant=connected, actor=operator)
    passed = dies(at)

    counts = bring_to_its_end(connected, acme)

    run = last_run(connected, RunKind.ROTATE)
    assert len(passed) > at  # somebody has died, and somebody has gone on
    assert run.state == RunState.SUCCEEDED, run.error_detail
    assert max(counts) <= 2
    assert listed(acme) == ["ACTIVE"]
    assert secret_open(connected.credentials.get(state="active")).expose() == acme.client_secret
    assert SealedSecret.objects.count() == 1
    assert Rotation.objects.get().state == RotationState.DONE


def test_these_are_all_moments_at_which_a_worker_can_die(
    connected: Tenant, acme: Org, operator: User, dies: Any
) -> None:
    rotation_now(tenant=connected, actor=operator)
    passed = dies(0)

    bring_to_its_end(connected, acme)

    assert len(passed) == MOMENTS, passed


# What is not ours to judge


def _stopped(tenant: Tenant, run: Run) -> str:
    """Why it was stopped, if it was, and nothing is done by itself any more."""
    tenant.refresh_from_db()
    assert run.state == RunState.FAILED
    assert not tenant.rotates_itself
    assert not Rotation.objects.filter(ended_at=None).exists()
    assert AuditEvent.objects.filter(action="rotation.stopped", tenant=tenant).count() == 1
    assert tenant.attention_code == run.error_code
    return run.error_code


def test_a_second_secret_in_okta_is_not_touched(
    connected: Tenant, acme: Org, operator: User
) -> None:
    rotation_switch(tenant=connected, on=True, actor=operator)
    acme.installs.add_secret(acme.client_id)
    before = acme.list(SECRET, acme.client_id)

    run = rotate(connected, operator)

    assert _stopped(connected, run) == "rotation_unclear"
    assert acme.list(SECRET, acme.client_id) == before
    assert "2 secrets" in run.error_detail


def test_a_secret_that_somebody_made_meanwhile_is_not_touched(
    connected: Tenant, acme: Org, operator: User, dies: Any
) -> None:
    run = rotation_now(tenant=connected, actor=operator)
    dies(BEFORE_CREATING)
    with suppress(Killed):
        work_all()
    assert Rotation.objects.get().state == RotationState.ASKED
    acme.installs.add_secret(acme.client_id)
    Rotation.objects.update(asked_at=F("asked_at") - timedelta(hours=1))
    before = acme.list(SECRET, acme.client_id)

    bring_to_its_end(connected, acme)

    run.refresh_from_db()
    assert _stopped(connected, run) == "rotation_unclear"
    assert acme.list(SECRET, acme.client_id) == before
    assert Rotation.objects.get().state == RotationState.UNCLEAR


def test_a_sync_that_works_does_not_answer_the_question(
    connected: Tenant, acme: Org, operator: User
) -> None:
    acme.installs.add_secret(acme.client_id)
    rotate(connected, operator)

    assert works(connected)

    connected.refresh_from_db()
    assert connected.attention_code == "rotation_unclear"


def test_whoever_asks_again_has_looked(connected: Tenant, acme: Org, operator: User) -> None:
    stray = acme.installs.add_secret(acme.client_id)
    rotate(connected, operator)
    acme.installs.remove_secret(acme.client_id, stray["id"])

    rotation_switch(tenant=connected, on=True, actor=operator)
    run = rotate(connected, operator)

    connected.refresh_from_db()
    assert connected.attention_code == ""
    assert (run.state, listed(acme)) == (RunState.QUEUED, ["ACTIVE", "ACTIVE"])


# Okta says no, or nothing


def test_a_new_secret_that_okta_does_not_take_is_removed_again(
    connected: Tenant, acme: Org, operator: User, sandbox: Sandbox
) -> None:
    rotation_switch(tenant=connected, on=True, actor=operator)
    old = acme.client_secret
    run = rotation_now(tenant=connected, actor=operator)
    # The first two requests of the kind are for a token with which to ask, and for the old secret.
    fault = Status(status=401, operation="token", body={"error": "invalid_client"}, nth=3)
    sandbox.faults.add(fault)
    work_all()
    waiting = Rotation.objects.get().state
    Rotation.objects.update(sealed_at=F("sealed_at") - timedelta(minutes=2))
    sandbox.faults.clear()
    sandbox.faults.add(Status(status=401, operation="token", body={"error": "invalid_client"}))
    Run.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    work_all()
    sandbox.faults.clear()

    run.refresh_from_db()
    assert waiting == RotationState.SEALED
    assert _stopped(connected, run) == "rotation_refused"
    assert (acme.client_secret, listed(acme)) == (old, ["ACTIVE"])
    assert states(connected) == [CredentialState.ACTIVE, CredentialState.REVOKED]
    assert SealedSecret.objects.count() == 1
    assert works(connected)


def test_an_answer_that_is_lost_costs_a_second_try(
    connected: Tenant, acme: Org, operator: User, sandbox: Sandbox
) -> None:
    sandbox.faults.add(Status(status=502, operation=CREATE, applies=True, times=1))

    rotation_now(tenant=connected, actor=operator)
    bring_to_its_end(connected, acme)

    assert last_run(connected, RunKind.ROTATE).state == RunState.SUCCEEDED
    assert listed(acme) == ["ACTIVE"]
    assert secret_open(connected.credentials.get(state="active")).expose() == acme.client_secret


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"status": 502}, id="a gateway's"),
        pytest.param({"status": 201, "body": {"id": "ocs1"}}, id="without its value"),
        pytest.param({"status": 201, "body": {"id": "ocs1", "client_secret": 7}}, id="no text"),
    ],
)
def test_an_okta_that_never_tells_of_a_new_secret_is_not_asked_for_ever(
    answer: Any, connected: Tenant, acme: Org, operator: User, sandbox: Sandbox
) -> None:
    rotation_switch(tenant=connected, on=True, actor=operator)
    sandbox.faults.add(Status(operation=CREATE, applies=True, **answer))

    run = rotation_now(tenant=connected, actor=operator)
    for _ in range(2 * MOST_ASKINGS):
        work_all()
        a_day_passes()
    sandbox.faults.clear()

    run.refresh_from_db()
    assert _stopped(connected, run) == "rotation_unanswered"
    assert len(acme.ledger.of(CREATE)) == MOST_ASKINGS
    assert listed(acme) == ["ACTIVE"]
    assert Rotation.objects.get().state == RotationState.UNDONE
    assert works(connected)


def test_what_okta_surely_did_not_make_is_asked_for_again_as_often_as_it_takes(
    connected: Tenant, acme: Org, operator: User, sandbox: Sandbox
) -> None:
    read_only = Status(status=503, code="E0000010", operation=CREATE, times=MOST_ASKINGS + 1)
    sandbox.faults.add(read_only)

    run = rotation_now(tenant=connected, actor=operator)
    for _ in range(MOST_ASKINGS + 4):
        work_all()
        a_day_passes()

    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED
    assert Rotation.objects.get().state == RotationState.DONE


def test_a_key_service_that_is_away_costs_no_asking_and_leaves_nothing_in_okta(
    connected: Tenant, acme: Org, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrap, away = LocalKey.wrap, [True] * (MOST_ASKINGS + 1)

    def ask(key: LocalKey, dek: bytes, aad: bytes) -> bytes:
        if away and away.pop():
            raise SealUnavailable("timed out")
        return wrap(key, dek, aad)

    monkeypatch.setattr(LocalKey, "wrap", ask)
    rotation_now(tenant=connected, actor=operator)
    seen = []
    for _ in range(2 * MOST_ASKINGS):
        work_all()
        seen.append(len(listed(acme)))
        a_day_passes()
    work_all()

    assert max(seen) <= 2
    assert seen[:MOST_ASKINGS] == [1] * MOST_ASKINGS
    assert not away
    connected.refresh_from_db()
    assert connected.attention_code == ""
    assert connected.credentials.get(state=CredentialState.ACTIVE).version == 2


def test_a_deactivation_without_an_answer_is_looked_at_in_the_same_run(
    connected: Tenant, acme: Org, operator: User, sandbox: Sandbox
) -> None:
    run = rotate(connected, operator)
    sandbox.faults.add(Status(status=502, operation=DEACTIVATE, applies=True, times=1))
    a_day_passes()
    work_all()
    run.refresh_from_db()
    waiting = run.state
    a_day_passes()
    work_all()

    run.refresh_from_db()
    assert (waiting, run.state) == (RunState.QUEUED, RunState.SUCCEEDED)
    assert len(acme.ledger.of(DEACTIVATE)) == 1
    assert listed(acme) == ["ACTIVE"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 400, "code": "E0000001", "operation": CREATE}, "rejected"),
        ({"status": 401, "body": {"error": "invalid_client"}, "operation": "token"}, REFUSED),
    ],
    ids=["not made", "not taken"],
)
def test_a_rotation_that_failed_is_told_so_also_by_who_takes_over(
    fault: Any,
    code: str,
    connected: Tenant,
    acme: Org,
    operator: User,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = rotation_now(tenant=connected, actor=operator)
    nth = 1 if fault["operation"] == CREATE else 3
    sandbox.faults.add(Status(**fault, nth=nth))
    if code == REFUSED:  # the one that is taken back at once is sealed for long enough
        monkeypatch.setattr("tenants.connections.rotation.KNOWN_WITHIN", timedelta(0))
    monkeypatch.setattr(engine.draining, "is_set", lambda: True)

    work_all()
    sandbox.faults.clear()

    run.refresh_from_db()
    assert (run.state, run.error_code) == (RunState.FAILED, code)
    assert Rotation.objects.get().state == RotationState.UNDONE


def test_the_new_one_taken_away_during_the_grace_brings_the_old_one_back(
    connected: Tenant, acme: Org, operator: User
) -> None:
    run = rotate(connected, operator)
    rotation = Rotation.objects.get()
    acme.installs.set_secret_status(acme.client_id, rotation.new_okta_id, "INACTIVE")
    a_day_passes()
    work_all()

    run.refresh_from_db()
    assert _stopped(connected, run) == "rotation_refused"
    assert states(connected) == [CredentialState.ACTIVE, CredentialState.REVOKED]
    assert works(connected)


def test_without_the_old_one_the_new_one_fails_and_the_old_one_is_activated_again(
    connected: Tenant, acme: Org, operator: User, dies: Any
) -> None:
    run = rotate(connected, operator)
    a_day_passes()
    dies(BEFORE_TRYING_ALONE)
    with suppress(Killed):
        work_all()
    rotation = Rotation.objects.get(state=RotationState.DEACTIVATED)
    acme.installs.set_secret_status(acme.client_id, rotation.new_okta_id, "INACTIVE")
    a_day_passes()
    work_all()  # with a token that outlives its secret

    run.refresh_from_db()
    assert _stopped(connected, run) == "rotation_refused"
    assert listed(acme) == ["ACTIVE", "INACTIVE"]
    assert works(connected)

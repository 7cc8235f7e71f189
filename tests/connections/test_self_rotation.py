"""Replacing our own secret in Okta: whoever dies when, the connection works and nothing is left."""

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
from tenants.connections.rotation import MOST_ASKINGS, _Exchange
from tenants.connections.rotation_orders import queue_due_rotations, rotation_now, rotation_switch
from tenants.connections.rotation_rows import REFUSED, rotation_give_up
from tenants.errors import NotConnected, RotationNotGranted, RunAlreadyLive, SecretBeingReplaced
from tenants.models import AuditEvent, Credential, Rotation, Run, SealedSecret, Tenant, User
from tenants.okta.egress import OrgConnection
from tenants.runs import engine
from tenants.runs.leases import Lease
from tenants.sandbox.faults import Status
from tenants.sandbox.installs import SECRET
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tenants.vault.errors import SealUnavailable
from tenants.vault.keys import LocalKey
from tests.connections.test_reminders import make_old
from tests.service import Submit, last_run, run_once, work_all

pytestmark = pytest.mark.django_db(transaction=True)

MANAGE = "okta.oauthIntegrations.manage"
CREATE = "createApiServiceIntegrationInstanceSecret"
DEACTIVATE = "deactivateApiServiceIntegrationInstanceSecret"


class Killed(BaseException):
    """The process ends here; nothing of it runs any more."""


@pytest.fixture
def acme(sandbox: Sandbox, settings: Any) -> Org:
    """A small org: what is read of it is not what this is about."""
    acme = sandbox.add_org("acme.okta.com", apps=1, authorization_servers=1)
    settings.OKTA_SCOPES = {**settings.OKTA_SCOPES, MANAGE: "to replace our own secret"}
    acme.grant(MANAGE)
    return acme


def _listed(org: Org) -> list[str]:
    """States of the secrets in Okta, oldest first."""
    return [secret["status"] for secret in org.list(SECRET, org.client_id)]


def _states(tenant: Tenant) -> list[str]:
    return list(tenant.credentials.order_by("version").values_list("state", flat=True))


def _a_day_passes() -> None:
    """Leases and waits are over. For Okta it is still now, and so for what we asked of it."""
    day = timedelta(hours=25)
    Run.objects.update(not_before=F("not_before") - day, lease_until=F("lease_until") - day)
    Rotation.objects.update(
        retire_at=F("retire_at") - day, asked_at=F("asked_at") - timedelta(seconds=45)
    )


def _rotate(tenant: Tenant, actor: User) -> Run:
    """Ask for it and work until the time in which both secrets work."""
    run = rotation_now(tenant=tenant, actor=actor)
    work_all()
    run.refresh_from_db()
    return run


def _works(tenant: Tenant) -> bool:
    """Whether the secret that lies here is the one that is alone in Okta, and works."""
    return run_once(tenant, RunKind.SYNC).state == RunState.SUCCEEDED


def test_a_new_secret_takes_the_place_of_the_old_one(
    connected: Tenant, acme: Org, operator: User
) -> None:
    first = acme.client_secret

    run = _rotate(connected, operator)
    in_between = _listed(acme), _states(connected), run.state
    _a_day_passes()
    work_all()

    run.refresh_from_db()
    assert in_between == (
        ["ACTIVE", "ACTIVE"],
        [CredentialState.RETIRING, CredentialState.ACTIVE],
        RunState.QUEUED,
    )
    assert run.state == RunState.SUCCEEDED
    assert _listed(acme) == ["ACTIVE"]
    assert _states(connected) == [CredentialState.REVOKED, CredentialState.ACTIVE]
    assert secret_open(connected.credentials.get(state="active")).expose() == acme.client_secret
    assert acme.client_secret != first
    assert SealedSecret.objects.count() == 1
    assert _works(connected)


def test_the_old_one_works_on_for_a_day(connected: Tenant, acme: Org, operator: User) -> None:
    run = _rotate(connected, operator)

    wait = run.not_before - timezone.now()
    synced = _works(connected)

    assert timedelta(hours=23) < wait <= timedelta(hours=24)
    assert synced
    assert SealedSecret.objects.count() == 2
    assert _listed(acme) == ["ACTIVE", "ACTIVE"]


@pytest.fixture
def dies(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the worker die at its n-th moment; tells by which it has come.

    A moment lies before and after each request, and before and in each commit.
    """

    def _dies(at: int) -> list[str]:
        send, passed = OrgConnection.send, []

        def moment(name: str) -> None:
            passed.append(name)
            if len(passed) == at:
                raise Killed(name)

        def send_and_die(self: Any, method: str, path: str, **options: Any) -> Any:
            moment(f"before {method} {path}")
            answer = send(self, method, path, **options)
            moment(f"after {method} {path}")
            return answer

        def dying(write: Callable[..., Any]) -> Callable[..., Any]:
            def commit_and_die(self: Any, **values: Any) -> Any:
                moment("before a commit")
                written = write(self, **values)
                moment("in a commit")
                return written

            return commit_and_die

        monkeypatch.setattr(OrgConnection, "send", send_and_die)
        for name in ("renew", "update"):
            monkeypatch.setattr(Lease, name, dying(getattr(Lease, name)))
        return passed

    return _dies


def _bring_to_its_end(tenant: Tenant, org: Org) -> list[int]:
    """Work on until the rotation has ended, whoever dies; returns how many secrets Okta had when.

    At every moment at which nobody works, the secret in use here works there.
    """
    listed = []
    for _ in range(4):
        with suppress(Killed):
            work_all()
        in_use = secret_open(tenant.credentials.get(state=CredentialState.ACTIVE))
        assert org.installs.accepts(org.client_id, in_use.expose())
        listed.append(len(_listed(org)))
        _a_day_passes()
    return listed


#: Of a rotation that nobody disturbs.
MOMENTS = 46
#: It is committed that we ask, and nothing is sent yet.
BEFORE_CREATING = 9
#: Where to die so that a rotation is left in a state in which it keeps others waiting.
_BEFORE_PROMOTING = {RotationState.ASKED: BEFORE_CREATING, RotationState.SEALED: 13}
#: Of what happens when both have worked for long enough: before the new one is tried alone.
BEFORE_TRYING_ALONE = 11


@pytest.mark.parametrize("at", range(1, MOMENTS + 1))
def test_wherever_a_worker_dies_the_next_one_brings_it_to_its_end(
    at: int, connected: Tenant, acme: Org, operator: User, dies: Any
) -> None:
    rotation_now(tenant=connected, actor=operator)
    passed = dies(at)

    listed = _bring_to_its_end(connected, acme)

    run = last_run(connected, RunKind.ROTATE)
    assert len(passed) > at  # somebody has died, and somebody has gone on
    assert run.state == RunState.SUCCEEDED, run.error_detail
    assert max(listed) <= 2
    assert _listed(acme) == ["ACTIVE"]
    assert secret_open(connected.credentials.get(state="active")).expose() == acme.client_secret
    assert SealedSecret.objects.count() == 1
    assert Rotation.objects.get().state == RotationState.DONE


def test_these_are_all_moments_at_which_a_worker_can_die(
    connected: Tenant, acme: Org, operator: User, dies: Any
) -> None:
    rotation_now(tenant=connected, actor=operator)
    passed = dies(0)

    _bring_to_its_end(connected, acme)

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

    run = _rotate(connected, operator)

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

    _bring_to_its_end(connected, acme)

    run.refresh_from_db()
    assert _stopped(connected, run) == "rotation_unclear"
    assert acme.list(SECRET, acme.client_id) == before
    assert Rotation.objects.get().state == RotationState.UNCLEAR


def test_a_sync_that_works_does_not_answer_the_question(
    connected: Tenant, acme: Org, operator: User
) -> None:
    acme.installs.add_secret(acme.client_id)
    _rotate(connected, operator)

    assert _works(connected)

    connected.refresh_from_db()
    assert connected.attention_code == "rotation_unclear"


def test_whoever_asks_again_has_looked(connected: Tenant, acme: Org, operator: User) -> None:
    stray = acme.installs.add_secret(acme.client_id)
    _rotate(connected, operator)
    acme.installs.remove_secret(acme.client_id, stray["id"])

    rotation_switch(tenant=connected, on=True, actor=operator)
    run = _rotate(connected, operator)

    connected.refresh_from_db()
    assert connected.attention_code == ""
    assert (run.state, _listed(acme)) == (RunState.QUEUED, ["ACTIVE", "ACTIVE"])


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
    assert (acme.client_secret, _listed(acme)) == (old, ["ACTIVE"])
    assert _states(connected) == [CredentialState.ACTIVE, CredentialState.REVOKED]
    assert SealedSecret.objects.count() == 1
    assert _works(connected)


def test_an_answer_that_is_lost_costs_a_second_try(
    connected: Tenant, acme: Org, operator: User, sandbox: Sandbox
) -> None:
    sandbox.faults.add(Status(status=502, operation=CREATE, applies=True, times=1))

    rotation_now(tenant=connected, actor=operator)
    _bring_to_its_end(connected, acme)

    assert last_run(connected, RunKind.ROTATE).state == RunState.SUCCEEDED
    assert _listed(acme) == ["ACTIVE"]
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
        _a_day_passes()
    sandbox.faults.clear()

    run.refresh_from_db()
    assert _stopped(connected, run) == "rotation_unanswered"
    assert len(acme.ledger.of(CREATE)) == MOST_ASKINGS
    assert _listed(acme) == ["ACTIVE"]
    assert Rotation.objects.get().state == RotationState.UNDONE
    assert _works(connected)


def test_what_okta_surely_did_not_make_is_asked_for_again_as_often_as_it_takes(
    connected: Tenant, acme: Org, operator: User, sandbox: Sandbox
) -> None:
    read_only = Status(status=503, code="E0000010", operation=CREATE, times=MOST_ASKINGS + 1)
    sandbox.faults.add(read_only)

    run = rotation_now(tenant=connected, actor=operator)
    for _ in range(MOST_ASKINGS + 4):
        work_all()
        _a_day_passes()

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
        seen.append(len(_listed(acme)))
        _a_day_passes()
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
    run = _rotate(connected, operator)
    sandbox.faults.add(Status(status=502, operation=DEACTIVATE, applies=True, times=1))
    _a_day_passes()
    work_all()
    run.refresh_from_db()
    waiting = run.state
    _a_day_passes()
    work_all()

    run.refresh_from_db()
    assert (waiting, run.state) == (RunState.QUEUED, RunState.SUCCEEDED)
    assert len(acme.ledger.of(DEACTIVATE)) == 1
    assert _listed(acme) == ["ACTIVE"]


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
    run = _rotate(connected, operator)
    rotation = Rotation.objects.get()
    acme.installs.set_secret_status(acme.client_id, rotation.new_okta_id, "INACTIVE")
    _a_day_passes()
    work_all()

    run.refresh_from_db()
    assert _stopped(connected, run) == "rotation_refused"
    assert _states(connected) == [CredentialState.ACTIVE, CredentialState.REVOKED]
    assert _works(connected)


def test_without_the_old_one_the_new_one_fails_and_the_old_one_is_activated_again(
    connected: Tenant, acme: Org, operator: User, dies: Any
) -> None:
    run = _rotate(connected, operator)
    _a_day_passes()
    dies(BEFORE_TRYING_ALONE)
    with suppress(Killed):
        work_all()
    rotation = Rotation.objects.get(state=RotationState.DEACTIVATED)
    acme.installs.set_secret_status(acme.client_id, rotation.new_okta_id, "INACTIVE")
    _a_day_passes()
    work_all()  # with a token that outlives its secret

    run.refresh_from_db()
    assert _stopped(connected, run) == "rotation_refused"
    assert _listed(acme) == ["ACTIVE", "INACTIVE"]
    assert _works(connected)


# The customer and we at the same time


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
    rotate = last_run(connected, RunKind.ROTATE)

    engine.work(rotate.pk)

    rotate.refresh_from_db()
    assert rotate.error_code == "being_proven"
    assert not Rotation.objects.exists()
    assert _listed(acme) == ["ACTIVE"]


def test_a_secret_of_the_customers_during_the_grace_overtakes_ours(
    connected: Tenant, acme: Org, operator: User, submit: Submit
) -> None:
    run = _rotate(connected, operator)
    theirs = acme.rotate_secret(keep_old=True)
    submit(acme, client_secret=theirs)
    work_all()
    before = acme.list(SECRET, acme.client_id)
    _a_day_passes()
    work_all()

    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED
    assert acme.list(SECRET, acme.client_id) == before
    assert _states(connected) == ["revoked", "revoked", "active"]
    assert SealedSecret.objects.count() == 1


@pytest.mark.parametrize("state", [RotationState.ASKED, RotationState.SEALED])
def test_an_integration_taken_away_in_the_middle_keeps_the_customer_from_nothing(
    state: RotationState, connected: Tenant, acme: Org, operator: User, submit: Submit, dies: Any
) -> None:
    rotation_now(tenant=connected, actor=operator)
    dies(_BEFORE_PROMOTING[state])
    with suppress(Killed):
        work_all()
    assert Rotation.objects.get().state == state
    acme.revoke_integration()
    for _ in range(2):
        _a_day_passes()
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
    assert _works(connected)


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
    dies(_BEFORE_PROMOTING[state])
    with suppress(Killed):
        work_all()
    assert Rotation.objects.get().state == state
    _a_day_passes()
    made = len(acme.ledger.of(CREATE))
    _just_before(monkeypatch, place, name, lambda: rotation_give_up(connected))

    work_all()

    assert Rotation.objects.get().state == RotationState.UNDONE
    assert len(acme.ledger.of(CREATE)) == made
    assert connected.credentials.get(state=CredentialState.ACTIVE).version == 1
    assert SealedSecret.objects.count() == 1
    assert _works(connected)


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

    rotate = rotation_now(tenant=connected, actor=operator)
    _just_before(monkeypatch, place, name, bring)
    engine.work(rotate.pk)
    connected.refresh_from_db()
    told = (connected.state, connected.attention_code)

    _bring_to_its_end(connected, acme)

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

    run = _rotate(connected, operator)
    ours = Rotation.objects.get().new_okta_id
    acme.installs.set_secret_status(acme.client_id, ours, "INACTIVE")
    _a_day_passes()
    _just_before(monkeypatch, _Exchange, "_go_back", bring)
    for _ in range(2):
        work_all()
        _a_day_passes()

    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED
    assert Rotation.objects.get().state == RotationState.UNDONE
    assert connected.credentials.get(state=CredentialState.ACTIVE).version == 3
    assert _works(connected)


def test_disconnecting_in_the_middle_keeps_no_secret(
    connected: Tenant, acme: Org, operator: User
) -> None:
    _rotate(connected, operator)

    tenant_disconnect(tenant=connected, actor=operator)
    work_all()

    assert not SealedSecret.objects.exists()
    assert not Rotation.objects.exists()


def test_of_a_deleted_tenant_it_waits_for_the_tenant_to_be_back(
    connected: Tenant, acme: Org, operator: User
) -> None:
    _rotate(connected, operator)
    tenant_delete(tenant=connected, actor=operator)
    Run.objects.update(ended_at=timezone.now() - timedelta(hours=2))

    while_deleted = queue_due_rotations()
    tenant_restore(tenant=connected, actor=operator)
    tenant_resume(tenant=connected, actor=operator)
    queued = queue_due_rotations()
    _a_day_passes()
    work_all()

    assert (while_deleted, queued) == (0, 1)
    assert Rotation.objects.get().state == RotationState.DONE
    assert _listed(acme) == ["ACTIVE"]


# When


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
    _rotate(connected, operator)
    rotation_switch(tenant=connected, on=False, actor=operator)
    Run.objects.filter(kind=RunKind.ROTATE).update(
        state=RunState.CANCELLED, ended_at=timezone.now() - timedelta(hours=2)
    )

    queued = queue_due_rotations()
    _bring_to_its_end(connected, acme)

    assert queued == 1
    assert _listed(acme) == ["ACTIVE"]
    assert Rotation.objects.get().state == RotationState.DONE


def test_with_a_secret_that_okta_refuses_it_is_tried_once_a_day(
    connected: Tenant, acme: Org, operator: User
) -> None:
    _rotate(connected, operator)
    acme.revoke_integration()
    _a_day_passes()
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
    run = _rotate(connected, operator)
    acme.granted = acme.granted - {MANAGE}
    _a_day_passes()
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
    assert _works(connected)

    acme.grant(MANAGE)
    Run.objects.filter(kind=RunKind.ROTATE).update(ended_at=timezone.now() - timedelta(days=1))
    queue_due_rotations()
    work_all()

    assert _listed(acme) == ["ACTIVE"]
    assert _states(connected) == [CredentialState.REVOKED, CredentialState.ACTIVE]


def test_a_workers_clock_that_is_ahead_does_not_shorten_the_grace(
    connected: Tenant, acme: Org, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _rotate(connected, operator)
    ahead = timezone.now() + timedelta(days=2)
    Run.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr(timezone, "now", lambda: ahead)

    engine.work(run.pk)

    assert Rotation.objects.get().state == RotationState.PROMOTED
    assert _listed(acme) == ["ACTIVE", "ACTIVE"]


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
    _rotate(connected, operator)

    with pytest.raises(RunAlreadyLive):
        rotation_now(tenant=connected, actor=operator)


def test_it_asks_with_this_one_scope_alone(connected: Tenant, acme: Org, operator: User) -> None:
    acme.requests.clear()

    _rotate(connected, operator)

    asked = {one.scopes for one in acme.requests if one.path.startswith("/integrations/")}
    assert asked == {frozenset({MANAGE})}

"""A new secret for a connected org: proven first, promoted then, the old one gone at last."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants.broker.grants import tokens_forget
from tenants.broker.sealing import secret_open
from tenants.choices import CredentialState, RunKind, RunState, TenantState, Trigger
from tenants.connections.invitations import tenant_create
from tenants.errors import AlreadyVerifying
from tenants.models import Credential, Resource, SealedSecret, Tenant, User
from tenants.runs.queue import run_queue
from tenants.sandbox.faults import Status
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tenants.vault.errors import SealError
from tests.service import Submit, last_run, run_once, work_all

pytestmark = pytest.mark.django_db(transaction=True)


def _states(tenant: Tenant) -> list[str]:
    return list(tenant.credentials.order_by("version").values_list("state", flat=True))


def test_a_new_secret_replaces_the_old_one_after_it_has_worked(
    connected: Tenant, acme: Org, submit: Submit
) -> None:
    acme.rotate_secret(keep_old=True)

    submit(acme)
    work_all()

    assert _states(connected) == [CredentialState.REVOKED, CredentialState.ACTIVE]
    assert SealedSecret.objects.count() == 1


def test_a_refused_new_secret_leaves_the_old_one_at_work(
    connected: Tenant, acme: Org, submit: Submit
) -> None:
    run = submit(acme, client_secret="not-the-right-one-at-all")
    work_all()

    run.refresh_from_db()
    connected.refresh_from_db()
    assert run.error_code == "wrong_secret"
    assert connected.state == TenantState.CONNECTED
    assert _states(connected) == [CredentialState.ACTIVE, CredentialState.REVOKED]
    assert run_once(connected, RunKind.SYNC).state == RunState.SUCCEEDED


def test_a_removed_integration_is_told_from_one_that_never_was(
    connected: Tenant, acme: Org, submit: Submit
) -> None:
    pasted = {"client_id": acme.client_id, "client_secret": acme.client_secret}
    acme.revoke_integration()

    run = submit(acme, **pasted)
    work_all()

    run.refresh_from_db()
    assert run.error_code == "integration_revoked"


def test_another_org_cannot_take_over_a_tenant(
    connected: Tenant, sandbox: Sandbox, submit: Submit
) -> None:
    globex = sandbox.add_org("globex.okta.com", apps=1)

    run = submit(globex)
    work_all()

    run.refresh_from_db()
    connected.refresh_from_db()
    assert run.error_code == "other_org"
    assert connected.host == "acme.okta.com"


def test_one_integration_serves_one_tenant(
    connected: Tenant, acme: Org, operator: User, submit: Submit
) -> None:
    other, _ = tenant_create(name="Twin", contact_email="it@twin.example", actor=operator)

    run = submit(acme, to=other)
    work_all()

    run.refresh_from_db()
    assert run.error_code == "org_taken"
    assert not SealedSecret.objects.filter(tenant=other).exists()


def test_a_second_submission_waits_for_the_first(tenant: Tenant, acme: Org, submit: Submit) -> None:
    submit(acme)

    with pytest.raises(AlreadyVerifying):
        submit(acme)

    assert Credential.objects.filter(tenant=tenant).count() == 1
    assert SealedSecret.objects.count() == 1


def test_a_removed_integration_stops_the_tenant_and_a_new_one_mends_it(
    connected: Tenant, acme: Org, submit: Submit
) -> None:
    acme.revoke_integration()
    acme.requests.clear()
    run = run_once(connected, RunKind.SYNC)
    connected.refresh_from_db()
    assert (run.state, connected.state) == (RunState.FAILED, TenantState.ATTENTION)
    assert [asked.path for asked in acme.requests].count("/oauth2/v1/token") == 1
    assert connected.attention_code == run.error_code == "invalid_client"

    acme.install()
    submit(acme)
    work_all()

    connected.refresh_from_db()
    assert (connected.state, connected.attention_code) == (TenantState.CONNECTED, "")
    assert last_run(connected, RunKind.SYNC).state == RunState.SUCCEEDED


def test_a_renamed_org_comes_back_under_its_new_name_with_its_history(
    connected: Tenant, acme: Org, submit: Submit, sandbox: Sandbox
) -> None:
    known = set(Resource.objects.filter(tenant=connected).values_list("pk", flat=True))
    tokens = set(acme.tokens.values())
    acme.host = "acme-group.okta.com"
    sandbox.orgs[acme.host] = sandbox.orgs.pop("acme.okta.com")
    before = run_once(connected, RunKind.SYNC)
    submit(acme)
    work_all()

    connected.refresh_from_db()
    assert before.error_code == "wrong_host"
    assert (connected.state, connected.host) == (TenantState.CONNECTED, acme.host)
    assert _states(connected) == [CredentialState.REVOKED, CredentialState.ACTIVE]
    assert known == set(Resource.objects.filter(tenant=connected).values_list("pk", flat=True))
    assert tokens
    assert not tokens & set(acme.tokens.values())


def test_a_sync_that_waits_goes_on_as_soon_as_a_new_secret_is_proven(
    connected: Tenant, acme: Org, submit: Submit
) -> None:
    waits = run_queue(
        tenant=connected,
        kind=RunKind.SYNC,
        trigger=Trigger.SCHEDULE,
        not_before=timezone.now() + timedelta(minutes=50),
    )
    acme.rotate_secret(keep_old=True)

    submit(acme)
    work_all()

    waits.refresh_from_db()
    assert waits.state == RunState.SUCCEEDED
    assert _states(connected) == [CredentialState.REVOKED, CredentialState.ACTIVE]


def test_tokens_of_a_replaced_secret_are_ended_at_okta(
    connected: Tenant, acme: Org, submit: Submit
) -> None:
    old = set(acme.tokens.values())
    acme.rotate_secret(keep_old=True)
    submit(acme)

    work_all()

    assert old
    assert not old & set(acme.tokens.values())


def test_tokens_of_an_earlier_installation_are_left_to_okta(
    connected: Tenant, acme: Org, submit: Submit
) -> None:
    acme.install()
    submit(acme)

    work_all()

    assert _states(connected) == [CredentialState.REVOKED, CredentialState.ACTIVE]
    assert not [asked for asked in acme.requests if asked.path.endswith("/revoke")]


def test_an_okta_that_ends_no_tokens_does_not_keep_an_old_secret_alive(
    connected: Tenant, acme: Org, submit: Submit, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.faults.add(Status(status=503, operation="revoke"))
    acme.rotate_secret(keep_old=True)
    submit(acme)

    work_all()

    sandbox.faults.clear()
    assert _states(connected) == [CredentialState.REVOKED, CredentialState.ACTIVE]
    assert "tokens of a retired secret live out their hour: unavailable" in caplog.text


def test_a_secret_moved_to_another_tenant_does_not_open(
    connected: Tenant, acme: Org, operator: User
) -> None:
    thief, _ = tenant_create(name="Thief", contact_email="it@thief.example", actor=operator)
    own = connected.credentials.get()
    stolen = Credential.objects.create(tenant=thief, host=own.host, client_id=own.client_id)
    kept = SealedSecret.objects.get()
    SealedSecret.objects.create(
        tenant=thief, field=kept.field, owner_id=stolen.pk, sealed=kept.sealed
    )

    with pytest.raises(SealError):
        secret_open(stolen)


def test_a_broken_seal_stops_the_tenant_without_a_request(connected: Tenant, acme: Org) -> None:
    tokens_forget(connected.credentials.get())
    SealedSecret.objects.update(sealed="okv1:nobody:AAAA")
    asked = len(acme.requests)

    run = run_once(connected, RunKind.SYNC)

    connected.refresh_from_db()
    assert (run.state, run.error_code) == (RunState.FAILED, "seal_broken")
    assert connected.state == TenantState.ATTENTION
    assert len(acme.requests) == asked

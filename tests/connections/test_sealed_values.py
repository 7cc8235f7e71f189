"""A key service that is away is waited for; a sealed value that does not open stops its tenant."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tenants.broker.grants import tokens_forget
from tenants.broker.sealing import secret_seal
from tenants.choices import CredentialState, RunKind, RunState, TenantState
from tenants.connections.credentials import MANAGE_INTEGRATIONS
from tenants.connections.rotation_orders import rotation_now
from tenants.keys.rewrapping import rewrap_all
from tenants.keys.ring import keyring
from tenants.models import AuditEvent, Breaker, Credential, Run, SealedSecret, Tenant, User
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tenants.vault.envelope import seal
from tenants.vault.errors import SealUnavailable
from tenants.vault.keyfile import replace_key_file
from tenants.vault.keys import LocalKey
from tenants.vault.ringfile import ring_edit
from tenants.vault.ringtext import RingText, random_text
from tenants.vault.secret import Secret
from tests.service import Submit, last_run, run_once, work_all

pytestmark = pytest.mark.django_db(transaction=True)


class KeyService:
    """Ours, as if it were somewhere else."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_away = False
        unwrap = LocalKey.unwrap

        def ask(key: LocalKey, wrapped: bytes, aad: bytes) -> bytes:
            if self.is_away:
                raise SealUnavailable("timed out")
            return unwrap(key, wrapped, aad)

        monkeypatch.setattr(LocalKey, "unwrap", ask)


@pytest.fixture
def key_service(monkeypatch: pytest.MonkeyPatch) -> KeyService:
    return KeyService(monkeypatch)


def _forget_tokens(tenant: Tenant) -> None:
    """So that the next run needs the secret."""
    for credential in tenant.credentials.all():
        tokens_forget(credential)


def _let_be_due() -> None:
    Run.objects.filter(state=RunState.QUEUED).update(
        not_before=timezone.now() - timedelta(seconds=1)
    )


def test_a_sync_waits_for_the_key_service_and_harms_nobody(
    connected: Tenant, acme: Org, key_service: KeyService
) -> None:
    _forget_tokens(connected)
    acme.requests.clear()
    key_service.is_away = True

    run = run_once(connected, RunKind.SYNC)

    connected.refresh_from_db()
    assert (run.state, run.waiting_for) == (RunState.QUEUED, "our key service")
    assert (run.failures, run.attempts, run.wait_s) == (0, 0, 0)
    assert (connected.state, connected.attention_code) == (TenantState.CONNECTED, "")
    assert not Breaker.objects.exists()
    assert not acme.requests

    key_service.is_away = False
    _let_be_due()
    work_all()

    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED


def test_a_proof_waits_as_long_as_it_takes_and_the_page_says_so(
    tenant: Tenant, acme: Org, submit: Submit, key_service: KeyService, redis_server: str
) -> None:
    proof = submit(acme)
    key_service.is_away = True
    for _ in range(60):
        work_all()
        _let_be_due()

    proof.refresh_from_db()
    assert (proof.state, proof.waiting_for) == (RunState.QUEUED, "our key service")
    assert Credential.objects.get().state == CredentialState.CANDIDATE

    key_service.is_away = False
    work_all()

    proof.refresh_from_db()
    assert proof.state == RunState.SUCCEEDED


def test_a_process_that_has_not_heard_of_a_key_waits_and_takes_nobody_for_broken(
    connected: Tenant, acme: Org, settings: Any
) -> None:
    _forget_tokens(connected)
    acme.requests.clear()
    before = Path(settings.KEYRING_FILE).read_bytes()
    ring_edit(
        Path(settings.KEYRING_FILE), lambda text: text.adding("new", random_text()).led_by("new")
    )
    whole = Path(settings.KEYRING_FILE).read_bytes()
    list(rewrap_all(keyring(), login="op"))
    replace_key_file(Path(settings.KEYRING_FILE), before.decode())

    run = run_once(connected, RunKind.SYNC)

    connected.refresh_from_db()
    assert run.state == RunState.QUEUED
    assert run.waiting_for.startswith("our keys")
    assert connected.attention_code == ""
    assert not acme.requests

    replace_key_file(Path(settings.KEYRING_FILE), whole.decode())
    _let_be_due()
    work_all()

    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED


def test_a_key_file_with_another_key_under_the_same_id_takes_nobody_for_broken(
    connected: Tenant, acme: Org, settings: Any
) -> None:
    _forget_tokens(connected)
    acme.requests.clear()
    file = Path(settings.KEYRING_FILE)
    right = file.read_text()
    wrong = RingText.parse(right)
    replace_key_file(file, str(replace(wrong, keys={wrong.primary: random_text()})))

    run = run_once(connected, RunKind.SYNC)

    connected.refresh_from_db()
    assert (run.state, connected.attention_code) == (RunState.QUEUED, "")
    assert run.waiting_for.startswith("our keys")
    assert not acme.requests

    replace_key_file(file, right)
    _let_be_due()
    work_all()

    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED


def _swap_tenants(ours: SealedSecret, others: SealedSecret) -> None:
    SealedSecret.objects.filter(pk=ours.pk).update(sealed=others.sealed)
    SealedSecret.objects.filter(pk=others.pk).update(sealed=ours.sealed)


def _copy(ours: SealedSecret, others: SealedSecret) -> None:
    SealedSecret.objects.filter(pk=ours.pk).update(sealed=others.sealed)


def _swap_rows(ours: SealedSecret, others: SealedSecret) -> None:
    """With the value of an earlier secret of the same tenant's."""
    earlier = Credential.objects.create(
        tenant=ours.tenant, state=CredentialState.RETIRING, host="acme.okta.com", version=99
    )
    secret_seal(earlier, Secret("an earlier secret")).save()
    kept = SealedSecret.objects.get(owner_id=earlier.pk)
    SealedSecret.objects.filter(pk=kept.pk).update(sealed=ours.sealed)
    SealedSecret.objects.filter(pk=ours.pk).update(sealed=kept.sealed)


def _swap_fields(ours: SealedSecret, others: SealedSecret) -> None:
    """With a value that was sealed for another field of the same row."""
    place = {"tenant": ours.tenant_id, "row": ours.owner_id}
    sealed = seal(keyring(), Secret("another field"), field="tenants.Credential.other", **place)
    SealedSecret.objects.filter(pk=ours.pk).update(sealed=sealed)


def _replace_by_plain_text(ours: SealedSecret, others: SealedSecret) -> None:
    SealedSecret.objects.filter(pk=ours.pk).update(sealed="plain text")


def _claim_another_key(ours: SealedSecret, others: SealedSecret) -> None:
    _, _, body = ours.sealed.split(":")
    SealedSecret.objects.filter(pk=ours.pk).update(sealed=f"okv1:other:{body}")


def _lose(ours: SealedSecret, others: SealedSecret) -> None:
    SealedSecret.objects.filter(pk=ours.pk).delete()


@pytest.fixture
def neighbour(sandbox: Sandbox, submit: Submit, operator: User) -> Tenant:
    other = Tenant.objects.create(name="Globex")
    submit(sandbox.add_org("globex.okta.com"), to=other)
    work_all()
    return other


@pytest.mark.parametrize(
    "spoil",
    [
        _swap_tenants,
        _swap_rows,
        _swap_fields,
        _copy,
        _replace_by_plain_text,
        _claim_another_key,
        _lose,
    ],
    ids=lambda spoil: spoil.__name__.strip("_"),
)
def test_a_value_that_does_not_open_stops_its_tenant_and_sends_nothing(
    connected: Tenant, acme: Org, neighbour: Tenant, operator: User, spoil: Any
) -> None:
    ours, others = (SealedSecret.objects.get(tenant=each) for each in (connected, neighbour))
    spoil(ours, others)
    _forget_tokens(connected)
    acme.requests.clear()

    run = run_once(connected, RunKind.SYNC)

    connected.refresh_from_db()
    assert (run.state, run.error_code) == (RunState.FAILED, "seal_broken")
    assert (connected.state, connected.attention_code) == (TenantState.ATTENTION, "seal_broken")
    assert not acme.requests
    event = AuditEvent.objects.get(action="connection.trouble", tenant=connected)
    assert event.detail == {"code": "seal_broken", "run": str(run.pk)}


def test_operators_are_told_on_the_fleets_page_and_on_the_tenants(
    connected: Tenant, operator: User
) -> None:
    SealedSecret.objects.update(sealed="plain text")
    _forget_tokens(connected)
    run_once(connected, RunKind.SYNC)
    browser = Client()
    browser.force_login(operator)

    fleet, page = browser.get("/"), browser.get(f"/tenants/{connected.pk}/")

    assert "A stored secret could not be opened" in fleet.text
    assert "manage.py keys verify" in page.text
    assert "plain text" not in page.text


def test_a_new_secret_of_the_customers_mends_it(
    connected: Tenant, acme: Org, submit: Submit
) -> None:
    SealedSecret.objects.update(sealed="plain text")
    _forget_tokens(connected)
    run_once(connected, RunKind.SYNC)

    submit(acme)
    work_all()

    connected.refresh_from_db()
    assert (connected.state, connected.attention_code) == (TenantState.CONNECTED, "")
    assert last_run(connected, RunKind.SYNC).state == RunState.SUCCEEDED


def test_the_key_service_is_asked_before_the_transaction_and_not_within(
    connected: Tenant,
    acme: Org,
    submit: Submit,
    monkeypatch: pytest.MonkeyPatch,
    operator: User,
    settings: Any,
) -> None:
    settings.OKTA_SCOPES = {**settings.OKTA_SCOPES, MANAGE_INTEGRATIONS: "to rotate"}
    wrap, asked_within = LocalKey.wrap, []

    def ask(key: LocalKey, dek: bytes, aad: bytes) -> bytes:
        asked_within.append(connection.in_atomic_block)
        return wrap(key, dek, aad)

    monkeypatch.setattr(LocalKey, "wrap", ask)
    acme.grant(MANAGE_INTEGRATIONS)
    submit(acme)
    work_all()
    rotation_now(tenant=connected, actor=operator)
    work_all()

    assert connected.credentials.filter(state=CredentialState.ACTIVE).get().version == 3
    assert asked_within
    assert not any(asked_within)

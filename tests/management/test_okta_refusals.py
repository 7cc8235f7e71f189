"""``manage.py okta`` says no in a sentence, and ends with a code for the reason."""

from pathlib import Path
from typing import Any

import pytest

from tenants.broker.service import forget_configuration
from tenants.choices import TenantState
from tenants.models import Tenant
from tenants.sandbox.faults import Close, Status
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.management.commanding import Okta, on_record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["acme.okta.com", "listAplications"], "Do you mean listApplications"),
        (["acme.okta.com", "zzz"], "There is no operation 'zzz'."),
        (["nobody.okta.com", "listApplications"], "No tenant has the host"),
        (["acme.okta.com"], "Name a tenant and an operation"),
        ([], "Name a tenant and an operation"),
        (["acme.okta.com", "getApplication"], "takes appId: appId is missing."),
        (
            ["acme.okta.com", "getApplication", "--path", "appId=1", "keyId=2"],
            "takes appId, and no keyId.",
        ),
        (["acme.okta.com", "listApplications", "--path", "a=1"], "takes nothing, and no a."),
        (["acme.okta.com", "getApplication", "--path", "appId=../x"], "cannot be an Okta id"),
        (
            ["acme.okta.com", "getApplication", "--path", "appId=1", "appId=2"],
            "given more than once",
        ),
        (
            ["acme.okta.com", "generateApplicationKey", "--path", "appId=1"],
            "needs validityYears in its query",
        ),
        (["acme.okta.com", "getApplication", "--path", "appId=1", "--all"], "is no listing"),
        (["acme.okta.com", "listApplications", "--body", "/"], "/ cannot be read"),
        (["acme.okta.com", "listApplications", "--accept", "text/html"], "answers with"),
        (["acme.okta.com", "listApplications", "--reveal-created"], "creates no secret"),
        (["acme.okta.com", "listApplications", "--file", "/"], "is no plain file"),
        (["acme.okta.com", "listApplications", "--file", "/none/such"], "cannot be written"),
        (["acme.okta.com", "introspect"], "needs a body"),
        (["acme.okta.com", "--list"], "--list stands alone"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_what_makes_no_call_is_refused_in_a_sentence(
    okta: Okta, acme: Org, words: list[str], told: str
) -> None:
    said = okta(*words)

    assert said.code == 2
    assert told in said.err
    assert (said.out, list(acme.requests)) == (b"", [])


def test_a_name_that_two_tenants_share_is_not_guessed(okta: Okta, connected: Tenant) -> None:
    other = Tenant.objects.create(name="ACME", contact_email="b@acme.example")

    said = okta("acme", "listApplications")

    assert said.code == 2
    assert str(connected.pk) in said.err
    assert str(other.pk) in said.err


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (TenantState.PAUSED, "This tenant is paused. Resume it first."),
        (TenantState.DELETED, "This tenant is deleted. Restore it first."),
    ],
)
def test_a_tenant_that_is_set_aside_is_left_alone(
    state: str, words: str, okta: Okta, acme: Org, connected: Tenant
) -> None:
    Tenant.objects.filter(pk=connected.pk).update(state=state)

    said = okta("acme.okta.com", "listApplications")

    assert (said.code, said.err) == (2, words)
    assert not acme.requests


def test_without_a_proven_credential_there_is_nothing_to_call_with(
    okta: Okta, connected: Tenant
) -> None:
    connected.credentials.update(state="revoked")

    said = okta("acme.okta.com", "listApplications")

    assert (said.code, said.err) == (2, "This tenant has no proven connection yet.")


def test_okta_saying_no_ends_with_a_code_for_the_reason(okta: Okta, acme: Org) -> None:
    gone = okta("Acme", "getApplication", "--path", "appId=0oaNeverWas")
    unscoped = okta("Acme", "deleteApplication", "--path", "appId=0oaNeverWas", "--yes")

    assert gone.code == 6
    assert "E0000007" in gone.err
    assert "error ID" in gone.err
    assert "request ID" in gone.err
    assert unscoped.code == 5
    assert "missing okta.apps.manage" in unscoped.err


def test_a_revoked_integration_is_a_refused_credential(okta: Okta, acme: Org) -> None:
    acme.revoke_integration()

    said = okta("Acme", "listAuthorizationServers")

    assert said.code == 4


def test_a_change_that_may_have_happened_says_so_everywhere(
    okta: Okta, acme: Org, sandbox: Sandbox, app_id: str
) -> None:
    acme.grant("okta.apps.manage")
    sandbox.faults.add(Close(operation="deactivateApplication", applies=True))

    said = okta("Acme", "deactivateApplication", "--path", f"appId={app_id}", "--yes")

    assert said.code == 11
    assert said.err.count("change may have been made") == 1
    assert "look before you repeat it" in said.err
    assert on_record()[1]["outcome"] == "ambiguous"


def test_an_org_that_takes_no_changes_just_now_has_answered(
    okta: Okta, acme: Org, app_id: str
) -> None:
    acme.grant("okta.apps.manage")
    acme.read_only = True

    said = okta("Acme", "deactivateApplication", "--path", f"appId={app_id}", "--yes")

    assert said.code == 10
    assert "read-only for now" in said.err


def test_one_page_does_not_wait_for_the_next_minute(okta: Okta, sandbox: Sandbox) -> None:
    sandbox.faults.add(Status(status=429, code="E0000047", operation="listApplications"))

    said = okta("Acme", "listApplications")

    assert said.code == 9
    assert "going on in" not in said.err


def test_a_key_ring_that_is_not_there_is_not_the_tenants_fault(
    okta: Okta, settings: Any, tmp_path: Path
) -> None:
    settings.KEYRING_FILE = tmp_path / "nowhere.json"
    forget_configuration()

    said = okta("Acme", "listApplications")

    assert said.code == 13
    assert said.err.startswith(f"The key file {settings.KEYRING_FILE} cannot be read")
    assert ".." not in said.err

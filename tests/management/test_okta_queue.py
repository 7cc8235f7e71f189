"""``manage.py okta --queue``: the change is committed, and a worker makes it."""

import uuid

import pytest

from tenants.choices import IntentState, RunState
from tenants.models import AuditEvent, Credential, Intent, Run, Tenant
from tenants.sandbox.org import Org
from tests.management.commanding import Okta
from tests.service import work_all

pytestmark = pytest.mark.django_db(transaction=True)

SERVER = b'{"name": "Payments", "description": "New", "audiences": ["api://pay"]}'


@pytest.fixture
def changeable(acme: Org, connected: Tenant) -> None:
    scopes = ("okta.apps.manage", "okta.authorizationServers.manage")
    acme.grant(*scopes)
    Credential.objects.filter(tenant=connected).update(scopes_granted=" ".join(scopes))


@pytest.mark.usefixtures("changeable")
def test_a_queued_change_is_made_by_a_worker(okta: Okta, acme: Org) -> None:
    words = ("Acme", "createAuthorizationServer", "--body", "-", "--queue", "--yes")

    said = okta(*words, piped=SERVER)
    before = (list(acme.requests), Intent.objects.get().state)
    work_all()

    run = Run.objects.get(pk=uuid.UUID(said.out.decode().strip()))
    assert said.code == 0
    assert f"/runs/{run.pk}/" in said.err
    assert before == ([], IntentState.PLANNED)
    assert run.state == RunState.SUCCEEDED
    assert len(acme.ledger.of("createAuthorizationServer")) == 1


@pytest.mark.usefixtures("changeable")
def test_who_asked_is_on_the_record(okta: Okta, app_id: str) -> None:
    okta("Acme", "deactivateApplication", "--path", f"appId={app_id}", "--queue", "--yes")

    asked = AuditEvent.objects.get(action="change.asked")
    assert (asked.actor, asked.via, bool(asked.detail["login"])) == (None, "command", True)


@pytest.mark.usefixtures("changeable")
def test_a_queued_change_asks_too(okta: Okta, app_id: str) -> None:
    path = ("--path", f"appId={app_id}")

    said = okta("Acme", "deactivateApplication", *path, "--queue", types="n\n", at_terminal=True)

    assert said.code == 3
    assert not Intent.objects.exists()


@pytest.mark.usefixtures("changeable")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("listApplications",), "reads and changes nothing"),
        (("token", "--body", "-"), "it makes a secret, or takes one"),
        (("createAuthorizationServer", "--body", "-", "--file", "x"), "--file means nothing"),
        (("createAuthorizationServer", "--body", "-", "--reveal-created"), "creates no secret"),
        (("createPushProvider", "--body", "-"), "cannot be queued"),
        (("createAuthorizationServer",), "needs a body|an object with a name"),
    ],
)
def test_what_cannot_be_queued_is_refused_before_anything_is_asked(
    words: tuple[str, ...], told: str, okta: Okta, acme: Org
) -> None:
    said = okta("Acme", *words, "--queue", "--yes", piped=b'{"name": "x"}')

    assert said.code == 2
    assert any(each in said.err for each in told.split("|"))
    assert (list(acme.requests), Intent.objects.count()) == ([], 0)


def test_a_change_that_the_integration_may_not_make_is_not_queued(okta: Okta, app_id: str) -> None:
    path = ("--path", f"appId={app_id}")

    said = okta("Acme", "deactivateApplication", *path, "--queue", "--yes")

    assert said.code == 2
    assert "does not hold okta.apps.manage" in said.err

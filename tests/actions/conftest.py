"""A tenant whose integration may change its org, and changes to ask for."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from tenants.actions import application
from tenants.actions.asking import actions_apply
from tenants.actions.wanted import Wanted
from tenants.broker.sealing import secret_seal
from tenants.choices import CredentialState, TenantState
from tenants.models import Credential, Intent, Run, Tenant, User
from tenants.okta.operations import OPERATIONS
from tenants.sandbox.ledger import Entry
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tenants.vault.secret import Secret
from tests.actions.killing import Kill
from tests.service import work_all

MANAGE = ("okta.appGrants.manage", "okta.apps.manage", "okta.authorizationServers.manage")

Ask = Callable[..., Run]


def change(
    name: str, *, query: dict[str, str] | None = None, body: Any = None, **path: str
) -> Wanted:
    return Wanted(OPERATIONS[name], path, query or {}, body)


def new_server(name: str = "Payments", **fields: Any) -> Wanted:
    body = {"name": name, "description": "For tests", "audiences": ["api://pay"], **fields}
    return change("createAuthorizationServer", body=body)


def new_app(label: str = "Wiki") -> Wanted:
    settings = {"app": {"url": "https://wiki.example.com/"}}
    body = {"name": "bookmark", "label": label, "signOnMode": "BOOKMARK", "settings": settings}
    return change("createApplication", body=body)


def active_app(org: Org) -> str:
    return str(next(app["id"] for app in org.list("app") if app["status"] == "ACTIVE"))


@pytest.fixture(autouse=True)
def _no_faults(sandbox: Sandbox) -> Iterator[None]:
    yield
    sandbox.faults.clear()


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for an org that shows late what it did."""
    monkeypatch.setattr(application, "PAUSE_S", 0)
    monkeypatch.setattr(application, "LONG_PAUSE_S", 0)


@pytest.fixture
def org(acme: Org) -> Org:
    acme.grant(*MANAGE)
    return acme


@pytest.fixture
def changeable(tenant: Tenant, org: Org) -> Tenant:
    """Connected, with the scopes to change its org proven; nothing was read of it yet."""
    credential = Credential.objects.create(
        tenant=tenant,
        state=CredentialState.ACTIVE,
        host=org.host,
        org_id=org.org_id,
        client_id=org.client_id,
        scopes_granted=" ".join(MANAGE),
        proven_at=timezone.now(),
    )
    secret_seal(credential, Secret(org.client_secret)).save()
    connected = {"state": TenantState.CONNECTED, "host": org.host, "connected_at": timezone.now()}
    Tenant.objects.filter(pk=tenant.pk).update(**connected)
    tenant.refresh_from_db()
    return tenant


@pytest.fixture
def ask(changeable: Tenant, operator: User) -> Ask:
    def _ask(*wanted: Wanted, **options: Any) -> Run:
        return actions_apply(tenant=changeable, actor=operator, wanted=wanted, **options)

    return _ask


@pytest.fixture
def apply(ask: Ask) -> Ask:
    """Ask, do all that follows, and return the run as it ended."""

    def _apply(*wanted: Wanted, **options: Any) -> Run:
        run = ask(*wanted, **options)
        work_all()
        return fresh(run)

    return _apply


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def only(run: Run) -> Intent:
    return Intent.objects.get(run=run)


def states(run: Run) -> list[str]:
    return list(run.intents.order_by("number").values_list("state", flat=True))


def made(org: Org, operation: str) -> list[Entry]:
    """What the org itself says about how often it was changed so."""
    return org.ledger.of(operation)


@pytest.fixture
def kill(monkeypatch: pytest.MonkeyPatch) -> Kill:
    return Kill(monkeypatch)

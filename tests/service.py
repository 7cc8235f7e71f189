"""Fixtures of the service as a whole: real keys, local orgs over TLS, and the engine by hand."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tenants.broker.service import forget_configuration
from tenants.choices import LIVE_RUN_STATES, RunKind, Trigger
from tenants.connections.invitations import tenant_create
from tenants.connections.submissions import connection_submit
from tenants.models import Run, Tenant, User
from tenants.runs import engine
from tenants.runs.leases import claimable
from tenants.runs.queue import run_queue
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tenants.vault.ringfile import ring_create
from tenants.vault.secret import Secret


@pytest.fixture(scope="session")
def sandbox_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(directory=tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_server: Sandbox, settings: Any, tmp_path: Any) -> Iterator[Sandbox]:
    """Local orgs, a fresh key ring, and the service configured to reach the former."""
    settings.KEYRING_FILE = tmp_path / "keyring.json"
    ring_create(settings.KEYRING_FILE)
    settings.OKTA_DIAL = {
        suffix: f"{host}:{port}" for suffix, (host, port) in sandbox_server.dial.items()
    }
    settings.OKTA_CA_BUNDLE = sandbox_server.ca_bundle
    # Most tests have no Redis, and then a quarter of this is all that one process takes.
    settings.OKTA_BUDGET_SHARE = 1.0
    sandbox_server.orgs.clear()
    sandbox_server.faults.clear()
    forget_configuration()
    yield sandbox_server
    forget_configuration()


@pytest.fixture
def acme(sandbox: Sandbox) -> Org:
    return sandbox.add_org("acme.okta.com", apps=12, authorization_servers=2)


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_user("operator@example.com", operator_role="operator")


@pytest.fixture
def tenant(operator: User) -> Tenant:
    return tenant_create(name="Acme", contact_email="it@acme.example", actor=operator)[0]


Submit = Callable[..., Run]


@pytest.fixture
def submit(tenant: Tenant) -> Submit:
    """Send what an org's admin would paste, with what the test wants to be different."""

    def _submit(org: Org, *, to: Tenant = tenant, **different: str) -> Run:
        pasted = {"host": org.host, "client_id": org.client_id, "client_secret": org.client_secret}
        pasted |= different
        secret = Secret(pasted.pop("client_secret"))
        return connection_submit(tenant=to, client_secret=secret, via="setup link", **pasted)

    return _submit


@pytest.fixture
def connected(tenant: Tenant, acme: Org, submit: Submit) -> Tenant:
    """Acme, proven and synced and audited once."""
    submit(acme)
    work_all()
    tenant.refresh_from_db()
    return tenant


def work_all(limit: int = 50) -> None:
    """Do what ticks and workers would, until nothing is due."""
    for _ in range(limit):
        due = list(claimable().order_by("created_at").values_list("pk", flat=True))
        if not due:
            return
        for run_id in due:
            engine.work(run_id)
    raise AssertionError("the queue did not run empty")


def run_once(tenant: Tenant, kind: RunKind, **params: Any) -> Run:
    """Queue one run, work it and everything it leads to, and return it as it ended."""
    run = run_queue(tenant=tenant, kind=kind, trigger=Trigger.OPERATOR, params=params)
    work_all()
    run.refresh_from_db()
    return run


def last_run(tenant: Tenant, kind: RunKind) -> Run:
    return Run.objects.filter(tenant=tenant, kind=kind).latest("created_at")


def live_runs(tenant: Tenant) -> list[str]:
    live = Run.objects.filter(tenant=tenant, state__in=LIVE_RUN_STATES)
    return list(live.values_list("kind", flat=True))

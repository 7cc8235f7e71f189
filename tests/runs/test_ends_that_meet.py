"""A run that ends, and somebody who changes its tenant at that moment: neither stops the other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection

from tenants.choices import RunKind, RunState, TenantState
from tenants.connections.leaving import tenant_delete, tenant_disconnect
from tenants.models import Run, Tenant, User
from tenants.okta.errors import OktaAuthError
from tenants.runs import engine
from tenants.runs.handlers import handler_for, register
from tenants.sandbox.org import Org
from tests.runs.conftest import Script, fresh
from tests.service import Submit

pytestmark = pytest.mark.django_db(transaction=True)

#: Enough for the other one to take what it can get.
A_MOMENT_S = 0.5


def _while_it_ends_in_trouble(queued: Run, script: Script, act: Callable[[Tenant], object]) -> None:
    tenant, ending, never = queued.tenant, Event(), Event()

    def refuse(number: int) -> None:
        raise OktaAuthError("invalid_client", status=401)

    def note(*_: object) -> None:
        ending.set()
        never.wait(A_MOMENT_S)
        Tenant.objects.filter(pk=tenant.pk).update(attention_code="invalid_client")

    def work() -> None:
        try:
            engine.work(queued.pk)
        finally:
            connection.close()

    script.before, script.refused = refuse, note  # type: ignore[method-assign]

    with ThreadPoolExecutor(1) as worker:
        worked = worker.submit(work)
        ending.wait()
        act(tenant)
        worked.result()

    assert fresh(queued).state == RunState.FAILED


@pytest.mark.parametrize(
    ("leave", "state"),
    [(tenant_disconnect, TenantState.DISCONNECTED), (tenant_delete, TenantState.DELETED)],
)
def test_a_tenant_leaves_while_its_run_ends_in_trouble(
    leave: Callable[..., object], state: TenantState, queued: Run, script: Script, operator: User
) -> None:
    _while_it_ends_in_trouble(queued, script, lambda tenant: leave(tenant=tenant, actor=operator))

    assert Tenant.objects.get(pk=queued.tenant_id).state == state


def test_a_secret_comes_while_the_proof_of_another_ends_in_trouble(
    queued: Run, script: Script, submit: Submit, acme: Org
) -> None:
    Run.objects.filter(pk=queued.pk).update(kind=RunKind.VERIFY)
    script.kind = RunKind.VERIFY  # type: ignore[misc]
    real = handler_for(RunKind.VERIFY)
    register([script])
    try:
        _while_it_ends_in_trouble(queued, script, lambda tenant: submit(acme, to=tenant))
    finally:
        register([real])

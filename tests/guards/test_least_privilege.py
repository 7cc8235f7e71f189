"""Each kind of run asks for a token of exactly its operations' scopes."""

import pytest

from tenants.choices import RunKind
from tenants.models import Tenant
from tenants.okta.operations import OPERATIONS, scopes_of
from tenants.runs.handlers import handler_for, registered_handlers
from tenants.sandbox.org import Org
from tests.service import Submit, run_once, work_all


def test_every_kind_of_run_has_a_handler() -> None:
    assert {handler.kind for handler in registered_handlers()} == set(RunKind)


@pytest.mark.parametrize("kind", RunKind)
def test_a_kinds_scopes_are_the_union_of_its_operations(kind: RunKind) -> None:
    handler = handler_for(kind)

    assert handler.scopes == scopes_of(handler.operations)
    assert set(handler.operations) <= set(OPERATIONS.values())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", [RunKind.SYNC, RunKind.AUDIT])
def test_a_run_uses_a_token_of_exactly_its_scopes(
    connected: Tenant, acme: Org, kind: RunKind
) -> None:
    acme.requests.clear()

    run_once(connected, kind)

    used = {asked.scopes for asked in acme.requests if asked.path.startswith("/api/")}
    assert used == ({handler_for(kind).scopes} if handler_for(kind).operations else set())


@pytest.mark.django_db(transaction=True)
def test_a_verification_uses_a_token_of_exactly_its_scopes(acme: Org, submit: Submit) -> None:
    submit(acme)

    work_all()

    used = {asked.scopes for asked in acme.requests if asked.path.startswith("/api/")}
    assert used == {handler_for(RunKind.VERIFY).scopes}

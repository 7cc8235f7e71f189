"""What people read when an org lets only certain networks ask for tokens."""

from typing import Any

import pytest

from tenants.choices import RunKind, RunState
from tenants.connections.explanations import explain
from tenants.models import Tenant
from tenants.sandbox.faults import Status
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.service import Submit, last_run, work_all


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        (("192.0.2.7",), "come from, 192.0.2.7, to its network zone"),
        (("192.0.2.7", "192.0.2.8"), "come from, 192.0.2.7 and 192.0.2.8, to its network zone"),
        ((), "come from, which our support will tell you, to its network zone"),
    ],
)
def test_the_addresses_to_let_in_are_named(
    settings: Any, addresses: tuple[str, ...], words: str
) -> None:
    settings.VENDOR_EGRESS_ADDRESSES = addresses

    assert words in " ".join(explain("network_zone").fix)


@pytest.mark.django_db(transaction=True)
def test_a_refusal_by_network_zone_is_told_apart_from_a_wrong_secret(
    tenant: Tenant, acme: Org, sandbox: Sandbox, submit: Submit
) -> None:
    sandbox.faults.add(Status(status=403, code="access_denied", operation="token"))
    submit(acme)

    work_all()

    sandbox.faults.clear()
    run = last_run(tenant, RunKind.VERIFY)
    assert (run.state, run.error_code) == (RunState.FAILED, "network_zone")
    assert [asked.path for asked in acme.requests].count("/oauth2/v1/token") <= 1

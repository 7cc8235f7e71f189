"""Connecting an org, the good way and every bad one."""

import pytest

from tenants.choices import CredentialState, RunKind, RunState, TenantState
from tenants.connections.proof import proof_of
from tenants.models import Credential, Job, Run, SealedSecret, Tenant
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.service import Submit, last_run, live_runs, work_all

pytestmark = pytest.mark.django_db(transaction=True)


def _proven(run: Run) -> list[str]:
    run.refresh_from_db()
    return [step.name for step in proof_of(run).steps if step.state == "done"]


def test_a_good_secret_is_proven_promoted_and_put_to_work(
    tenant: Tenant, acme: Org, submit: Submit
) -> None:
    run = submit(acme)

    work_all()

    tenant.refresh_from_db()
    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED
    assert _proven(run) == [
        "organisation",
        "token",
        "okta.apps.read",
        "okta.authorizationServers.read",
    ]
    assert tenant.state == TenantState.CONNECTED
    assert (tenant.org_id, tenant.host) == (acme.org_id, acme.host)
    assert Credential.objects.get(tenant=tenant).state == CredentialState.ACTIVE
    assert set(Job.objects.values_list("kind", flat=True)) == {RunKind.SYNC, RunKind.AUDIT}
    assert last_run(tenant, RunKind.SYNC).state == RunState.SUCCEEDED
    assert last_run(tenant, RunKind.AUDIT).state == RunState.SUCCEEDED


@pytest.mark.parametrize(
    ("trouble", "pasted", "code"),
    [
        pytest.param({}, {"client_secret": "x" * 40}, "wrong_secret", id="wrong secret"),
        pytest.param({}, {"client_id": "0oa" + "9" * 17}, "unknown_client", id="unknown client"),
        pytest.param({}, {"host": "globex.okta.com"}, "unknown_client", id="wrong org"),
        pytest.param({}, {"host": "nobody.okta.com"}, "wrong_host", id="no such org"),
        pytest.param({"dead": True}, {}, "wrong_host", id="dead org"),
        pytest.param({"client_kind": "dpop"}, {}, "dpop_required", id="custom app with DPoP"),
        pytest.param({"client_kind": "custom"}, {}, "wrong_app", id="custom app"),
        pytest.param({"granted": {"okta.apps.read"}}, {}, "scope_missing", id="missing scope"),
        pytest.param({"granted": set()}, {}, "scope_missing", id="no scope at all"),
    ],
)
def test_each_refusal_ends_in_its_own_state_and_keeps_no_secret(
    sandbox: Sandbox,
    tenant: Tenant,
    acme: Org,
    submit: Submit,
    trouble: dict[str, object],
    pasted: dict[str, str],
    code: str,
) -> None:
    sandbox.add_org("globex.okta.com", apps=1)
    for name, value in trouble.items():
        setattr(acme, name, value)

    run = submit(acme, **pasted)
    work_all()

    run.refresh_from_db()
    tenant.refresh_from_db()
    assert (run.state, run.error_code) == (RunState.FAILED, code)
    assert (tenant.state, tenant.attention_code) == (TenantState.INVITED, code)
    assert Credential.objects.get(tenant=tenant).state == CredentialState.REVOKED
    assert not SealedSecret.objects.exists()
    assert live_runs(tenant) == []
    assert proof_of(run).explanation is not None


def test_the_proof_shows_where_it_failed_and_what_was_not_tried(acme: Org, submit: Submit) -> None:
    run = submit(acme, client_secret="x" * 40)
    queued = [step.state for step in proof_of(run).steps]
    work_all()

    run.refresh_from_db()
    assert queued == ["waiting"] * 4
    assert [step.state for step in proof_of(run).steps] == [
        "done",
        "failed",
        "not tried",
        "not tried",
    ]


def test_a_missing_scope_is_named_and_the_others_are_still_proven(
    acme: Org, submit: Submit
) -> None:
    acme.ungrant("okta.apps.read")

    run = submit(acme)
    work_all()

    run.refresh_from_db()
    states = {step.name: step.state for step in proof_of(run).steps}
    assert states["okta.apps.read"] == "failed"
    assert states["okta.authorizationServers.read"] == "done"
    assert "okta.apps.read" in run.error_detail

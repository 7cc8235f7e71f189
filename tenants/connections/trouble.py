"""What a failed or a good run says about its tenant's connection."""

from tenants.choices import TenantState
from tenants.connections.states import tenant_becomes
from tenants.models import AuditEvent, Run, Tenant

#: Codes after which no call can work until somebody acts: the schedule rests.
BREAKING = frozenset(
    {
        "dpop_required",
        "integration_revoked",
        "invalid_client",
        "invalid_token",
        "network_zone",
        "other_org",
        "seal_broken",
        "unknown_client",
        "wrong_app",
        "wrong_host",
        "wrong_secret",
    }
)


def connection_failed(run: Run, code: str) -> None:
    """Note on the tenant what only a human can mend; passing trouble is noted on the run alone."""
    if code in BREAKING:
        tenant_becomes(run.tenant, TenantState.ATTENTION, before=[TenantState.CONNECTED])
        _note(run, code)


def connection_worked(run: Run, *, lacking: str = "") -> None:
    """Okta let the run work. ``lacking`` is the code of what it could not read all the same."""
    tenant_becomes(run.tenant, TenantState.CONNECTED, before=[TenantState.ATTENTION])
    _note(run, lacking)


def _note(run: Run, code: str) -> None:
    before = run.tenant.attention_code
    if code == before:
        return
    Tenant.objects.filter(pk=run.tenant_id).update(attention_code=code)
    run.tenant.attention_code = code
    action = "connection.trouble" if code else "connection.recovered"
    AuditEvent.objects.record(action, tenant=run.tenant, code=code or before, run=str(run.pk))

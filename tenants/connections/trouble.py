"""What a failed or a good run says about its tenant's connection."""

from tenants.choices import TenantState
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

#: Codes that leave the rest working; the operator should still know.
NARROWING = frozenset({"incomplete", "role_too_narrow", "scope_missing", "shrink_held"})


def connection_failed(run: Run, code: str) -> None:
    """Note on the tenant what only a human can mend; passing trouble is noted on the run alone."""
    tenant = Tenant.objects.filter(pk=run.tenant_id)
    if code in BREAKING:
        tenant.filter(state=TenantState.CONNECTED).update(state=TenantState.ATTENTION)
    if code in BREAKING | NARROWING:
        tenant.update(attention_code=code)
        AuditEvent.objects.record("connection.trouble", tenant=run.tenant, code=code)
    run.tenant.refresh_from_db()


def connection_worked(run: Run) -> None:
    tenant = Tenant.objects.filter(pk=run.tenant_id)
    tenant.filter(state=TenantState.ATTENTION).update(state=TenantState.CONNECTED)
    if run.tenant.attention_code:
        AuditEvent.objects.record(
            "connection.recovered", tenant=run.tenant, code=run.tenant.attention_code
        )
        tenant.update(attention_code="")
    run.tenant.refresh_from_db()

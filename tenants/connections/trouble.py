"""What a failed or a good run says about its tenant's connection."""

from tenants.choices import TenantState
from tenants.connections.states import tenant_becomes
from tenants.models import AuditEvent, Intent, Run, Tenant

#: What stands in ``Tenant.attention_code`` while nobody can tell whether a change was made.
UNSETTLED = "change_unsettled"

_LEFT = (TenantState.DISCONNECTED, TenantState.DELETED)

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

#: Codes that no run's success answers: somebody has to look, and to say so.
STANDING = frozenset(
    {"rotation_not_granted", "rotation_refused", "rotation_unanswered", "rotation_unclear"}
)


def connection_failed(run: Run, code: str) -> None:
    """Note on the tenant what only a human can mend; passing trouble is noted on the run alone."""
    if code in BREAKING:
        tenant_becomes(run.tenant, TenantState.ATTENTION, before=[TenantState.CONNECTED])
        _note(run, code)


def connection_worked(run: Run, *, lacking: str = "") -> None:
    """Okta let the run work. ``lacking`` is the code of what it could not read all the same."""
    tenant_becomes(run.tenant, TenantState.CONNECTED, before=[TenantState.ATTENTION])
    _note(run, lacking or _left_open(run.tenant))


def change_unsettled(run: Run) -> None:
    """Note that a human has to look into a change. What is worse stays; the next sync tells it.

    Of a tenant that has left nobody looks into anything.
    """
    here = Tenant.objects.filter(pk=run.tenant_id).exclude(state__in=_LEFT)
    fine = here.filter(attention_code="")
    if fine.update(attention_code=UNSETTLED):
        run.tenant.attention_code = UNSETTLED
        AuditEvent.objects.record(
            "connection.trouble", tenant=run.tenant, code=UNSETTLED, run=str(run.pk)
        )


def changes_settled(tenant: Tenant) -> None:
    """Take the note back once nothing is left to be looked into."""
    if not _left_open(tenant):
        Tenant.objects.filter(pk=tenant.pk, attention_code=UNSETTLED).update(attention_code="")


def _left_open(tenant: Tenant) -> str:
    return UNSETTLED if Intent.objects.for_tenant(tenant).unsettled().exists() else ""


def _note(run: Run, code: str) -> None:
    before = run.tenant.attention_code
    if code == before or (before in STANDING and not code):
        return
    Tenant.objects.filter(pk=run.tenant_id).update(attention_code=code)
    run.tenant.attention_code = code
    action = "connection.trouble" if code else "connection.recovered"
    AuditEvent.objects.record(action, tenant=run.tenant, code=code or before, run=str(run.pk))

"""The proof that nothing is left of a tenant, and the way to get there without waiting."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.choices import TenantState
from tenants.connections.leaving import tenant_hasten
from tenants.connections.traces import Search, traces_of
from tenants.errors import NotDeleted
from tenants.models import Tenant


class Command(BaseCommand):
    help = "Show where a tenant's id still stands: of one that was forgotten, in tombstones alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", type=UUID, help="its id")
        parser.add_argument(
            "--now",
            action="store_true",
            help="of a deleted tenant: end the time in which it can be restored",
        )

    def handle(self, *, tenant: UUID, now: bool, **options: Any) -> None:
        if now:
            self._hasten(tenant)
            return
        search = traces_of(tenant)
        for trace in search.left:
            self.stdout.write(f"{trace.table}.{trace.column}: {trace.count}")
        self.stdout.write(_searched(search))
        if search.left:
            raise CommandError(_why_left(tenant))
        self.stdout.write(f"Nothing is left but {search.tombstones} tombstones of the audit trail.")

    def _hasten(self, tenant_id: UUID) -> None:
        found = Tenant.objects.filter(pk=tenant_id).first()
        if found is None:
            raise CommandError("There is no tenant with this id.")
        try:
            tenant_hasten(tenant=found, via="command")
        except NotDeleted as exc:
            raise CommandError("Delete it in the dashboard first.") from exc
        self.stdout.write("It is forgotten within a minute, while a worker and beat are running.")


def _searched(search: Search) -> str:
    keys = (
        "Redis did not answer" if search.redis_keys is None else f"{search.redis_keys} Redis keys"
    )
    return f"Looked through {search.columns} columns of {search.tables} tables; {keys}."


def _why_left(tenant_id: UUID) -> str:
    tenant = Tenant.objects.filter(pk=tenant_id).first()
    if tenant is None:
        return "This tenant is gone, and yet its id is there."
    if tenant.state == TenantState.DELETED:
        return f"This tenant is deleted, and forgotten after {tenant.forget_at:%Y-%m-%d %H:%M} UTC."
    return f"This tenant is {tenant.get_state_display().lower()}. Delete it in the dashboard."

"""Who did what to what. A row commits together with the act it tells of, or neither does."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from tenants.models.base import UuidModel
from tenants.models.tenants import Tenant

if TYPE_CHECKING:
    from tenants.models.users import User


class AuditEventManager(models.Manager["AuditEvent"]):
    def record(
        self,
        action: str,
        *,
        tenant: Tenant | None = None,
        actor: "User | None" = None,
        via: str = "",
        ip: str | None = None,
        **detail: Any,
    ) -> "AuditEvent":
        """Append one event. Call it inside the transaction of the act itself.

        ``action`` is ``noun.verb``; ``via`` says which door was used where nobody signed in, for
        example ``setup link``. ``detail`` holds ids and counts, never secrets.
        """
        return self.create(action=action, tenant=tenant, actor=actor, via=via, ip=ip, detail=detail)

    def entomb(self, tenant: Tenant) -> int:
        """Make tombstones of a tenant's events before it goes; returns how many."""
        events = self.filter(tenant=tenant)
        return events.update(tenant=None, forgotten=tenant.pk, ip=None, detail={})


class AuditEvent(UuidModel):
    at = models.DateTimeField(default=timezone.now, db_index=True)
    #: Kept when the tenant goes, so that deletion itself leaves its trace; see ``forgotten``.
    tenant = models.ForeignKey(
        Tenant, null=True, on_delete=models.SET_NULL, related_name="audit_events"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    via = models.CharField(max_length=40, blank=True)
    ip = models.GenericIPAddressField(null=True)
    action = models.CharField(max_length=60)
    detail = models.JSONField(default=dict)
    #: The id of a tenant that is gone. Who did what and when is kept, on what is not.
    forgotten = models.UUIDField(null=True, editable=False)

    objects = AuditEventManager()

    class Meta:
        indexes = (
            models.Index("tenant", models.F("at").desc(), name="audit_event_of_tenant"),
            models.Index(
                "forgotten",
                condition=models.Q(forgotten__isnull=False),
                name="audit_event_forgotten",
            ),
        )

    def __str__(self) -> str:
        return self.action

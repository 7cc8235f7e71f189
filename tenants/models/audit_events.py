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


class AuditEvent(UuidModel):
    at = models.DateTimeField(default=timezone.now, db_index=True)
    #: Kept when the tenant goes, so that deletion itself leaves its trace.
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

    objects = AuditEventManager()

    class Meta:
        indexes = (models.Index("tenant", models.F("at").desc(), name="audit_event_of_tenant"),)

    def __str__(self) -> str:
        return self.action

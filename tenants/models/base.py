"""What every row shares."""

import uuid
from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from tenants.models.tenants import Tenant


class UuidModel(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class TenantQuerySet(models.QuerySet[Any]):
    def for_tenant(self, tenant: "Tenant") -> Self:
        """Where every query about a customer starts."""
        return self.filter(tenant=tenant)

"""The mirror of an org: its resources, how they changed, and how much of them we could read."""

from django.db import models
from django.utils import timezone

from tenants.choices import ChangeKind, Completeness
from tenants.models.base import TenantQuerySet, UuidModel
from tenants.models.runs import Run
from tenants.models.tenants import Tenant


class Resource(UuidModel):
    """One object of an org as last read, without its secrets. One table for all kinds.

    No column says when it was last seen: that is the time of its kind's last complete listing
    (``Coverage.complete_at``), so that reading an unchanged org writes nothing.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="resources")
    kind = models.CharField(max_length=32)
    okta_id = models.CharField(max_length=128)
    #: Okta ids of what it belongs to, outermost first, joined by "/"; empty at the top.
    parent = models.CharField(max_length=260, blank=True)
    label = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=32, blank=True)
    body = models.JSONField()
    #: SHA-256 of the body in canonical form, hexadecimal.
    digest = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("tenant", "kind", "parent", "okta_id"), name="one_resource_an_id"
            ),
        )
        indexes = (models.Index("tenant", "kind", "removed_at", "label", name="resource_by_label"),)

    def __str__(self) -> str:
        return self.label or self.okta_id


class ResourceChange(models.Model):
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="changes")
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="changes")
    change = models.CharField(max_length=8, choices=ChangeKind)
    #: {"settings.signOn.audience": [before, after], …} for a change; empty otherwise.
    fields = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(default=timezone.now)

    objects = TenantQuerySet.as_manager()

    class Meta:
        indexes = (models.Index("tenant", models.F("at").desc(), name="change_of_tenant"),)

    def __str__(self) -> str:
        return f"{self.resource_id} {self.change}"


class Coverage(models.Model):
    """How much of one kind the last sync could read, and why not all of it."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="coverage")
    kind = models.CharField(max_length=32)
    completeness = models.CharField(max_length=12, choices=Completeness)
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    #: Parents (see ``Resource.parent``) whose members could not be read this time.
    unread_parents = models.JSONField(default=list, blank=True)
    checked_at = models.DateTimeField()
    complete_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("tenant", "kind"), name="one_coverage_a_kind"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.completeness}"


class ListingPage(models.Model):
    """The ids of one page of a listing under way; gone when the listing is complete.

    What is missing from an org can only be told after its last page, perhaps by another worker.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=32)
    parent = models.CharField(max_length=260, blank=True)
    okta_ids = models.JSONField()

    class Meta:
        indexes = (models.Index("run", "kind", "parent", name="listing_page"),)

    def __str__(self) -> str:
        return f"page of {self.kind}"

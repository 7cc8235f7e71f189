"""Bringing one page of a listing into the mirror.

Comparing happens before the transaction and writing inside it, and only what differs is written:
the usual sync finds nothing new and then writes no row here.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils import timezone

from tenants.choices import ChangeKind
from tenants.inventory.digests import differences, digest_of
from tenants.inventory.kinds import Kind, child_parent
from tenants.models import Resource, ResourceChange, Run

BATCH = 500
_UPDATED = ("label", "status", "body", "digest", "changed_at", "removed_at")


@dataclass
class PagePlan:
    """What a page changes in the mirror; ``write`` it inside the step's transaction."""

    run: Run
    added: list[Resource] = field(default_factory=list)
    changed: list[Resource] = field(default_factory=list)
    revived: list[Resource] = field(default_factory=list)
    changes: list[ResourceChange] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "revived": len(self.revived),
        }

    def write(self) -> None:
        if self.added:
            Resource.objects.bulk_create(self.added, batch_size=200)
        if updated := self.changed + self.revived:
            Resource.objects.bulk_update(updated, _UPDATED, batch_size=50)
        if self.changes:
            ResourceChange.objects.bulk_create(self.changes, batch_size=200)


def plan_page(
    run: Run, kind: Kind, parent: str, bodies: dict[str, dict[str, Any]], *, baseline: bool
) -> PagePlan:
    """Compare a page, its bodies by id, with the mirror.

    ``baseline`` means that this kind was never read completely before: then everything is new, and
    a change record for each would say nothing.
    """
    plan = PagePlan(run)
    known = _known(run, kind, parent, bodies)
    for okta_id, body in bodies.items():
        if okta_id not in known:
            _add(plan, kind, parent, okta_id, body, baseline=baseline)
        else:
            _compare(plan, kind, known[okta_id], body)
    return plan


def missing_from(run: Run, kind: Kind, parent: str, seen: set[str]) -> list[Resource]:
    """What the mirror holds of this listing, the complete listing not."""
    here = Resource.objects.for_tenant(run.tenant).filter(
        kind=kind.name, parent=parent, removed_at=None
    )
    rows = here.only("pk", "okta_id", "parent", "kind").iterator(chunk_size=BATCH)
    return [row for row in rows if row.okta_id not in seen]


def known_count(run: Run, kind: Kind, parent: str) -> int:
    here = Resource.objects.for_tenant(run.tenant)
    return here.filter(kind=kind.name, parent=parent, removed_at=None).count()


def remove(run: Run, kind: Kind, gone: list[Resource]) -> None:
    """Mark resources as removed, with everything that belonged to them."""
    now = timezone.now()
    lost = [resource.pk for resource in gone]
    if kind.children:
        lost += [pk for resource in gone for pk in _below(run, resource)]
    for start in range(0, len(lost), BATCH):
        batch = lost[start : start + BATCH]
        Resource.objects.for_tenant(run.tenant).filter(pk__in=batch).update(removed_at=now)
        ResourceChange.objects.bulk_create(
            ResourceChange(
                tenant=run.tenant, resource_id=pk, run=run, change=ChangeKind.REMOVED, at=now
            )
            for pk in batch
        )


def _below(run: Run, resource: Resource) -> list[uuid.UUID]:
    inside = child_parent(resource.parent, resource.okta_id)
    below = Q(parent=inside) | Q(parent__startswith=f"{inside}/")
    rows = Resource.objects.for_tenant(run.tenant).filter(below, removed_at=None)
    return list(rows.values_list("pk", flat=True))


def _known(run: Run, kind: Kind, parent: str, ids: Iterable[str]) -> dict[str, Resource]:
    rows = Resource.objects.for_tenant(run.tenant).filter(
        kind=kind.name, parent=parent, okta_id__in=list(ids)
    )
    return {row.okta_id: row for row in rows.defer("body")}


def _add(
    plan: PagePlan, kind: Kind, parent: str, okta_id: str, body: dict[str, Any], *, baseline: bool
) -> None:
    resource = Resource(tenant=plan.run.tenant, kind=kind.name, parent=parent, okta_id=okta_id)
    _fill(resource, kind, body, digest_of(body))
    plan.added.append(resource)
    if not baseline:
        _note(plan, resource, ChangeKind.ADDED)


def _compare(plan: PagePlan, kind: Kind, resource: Resource, body: dict[str, Any]) -> None:
    digest = digest_of(body)
    was_removed = resource.removed_at is not None
    if digest == resource.digest and not was_removed:
        return
    fields = differences(resource.body, body) if digest != resource.digest else {}
    _fill(resource, kind, body, digest)
    (plan.revived if was_removed else plan.changed).append(resource)
    _note(plan, resource, ChangeKind.REVIVED if was_removed else ChangeKind.CHANGED, fields)


def _fill(resource: Resource, kind: Kind, body: dict[str, Any], digest: str) -> None:
    resource.body = body
    resource.digest = digest
    resource.label = str(body.get(kind.label_field) or "")[:255]
    resource.status = str(body.get("status") or "")[:32]
    resource.removed_at = None
    resource.changed_at = timezone.now()


def _note(
    plan: PagePlan,
    resource: Resource,
    change: ChangeKind,
    fields: dict[str, list[Any]] | None = None,
) -> None:
    plan.changes.append(
        ResourceChange(
            tenant=plan.run.tenant,
            resource=resource,
            run=plan.run,
            change=change,
            fields=fields or {},
        )
    )

"""The mirror of one org, as lists and as single resources."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from tenants.dashboard.paging import Page, keyset_page
from tenants.inventory.kinds import KINDS, child_parent
from tenants.models import Finding, Resource, ResourceChange, Tenant

CHANGES_SHOWN = 50
#: More children than this are found by searching their kind.
CHILDREN_SHOWN = 200


@dataclass(frozen=True)
class Relations:
    """What hangs together with one resource; ``parents`` outermost first."""

    parents: list[Resource]
    children: list[Resource]
    changes: list[ResourceChange]
    findings: list[Finding]


def resources_page(tenant: Tenant, kind: str, wanted: dict[str, Any], query: QueryDict) -> Page:
    rows = Resource.objects.for_tenant(tenant).defer("body")
    rows = rows.filter(kind=kind, removed_at__isnull="gone" not in wanted)
    if "q" in wanted:
        rows = rows.filter(Q(label__icontains=wanted["q"]) | Q(okta_id=wanted["q"]))
    return keyset_page(rows, ("label", "id"), query)


def changes_page(tenant: Tenant, query: QueryDict) -> Page:
    changes = ResourceChange.objects.for_tenant(tenant).select_related("resource")
    return keyset_page(changes.defer("resource__body"), ("-at", "-id"), query)


def relations(resource: Resource) -> Relations:
    findings = Finding.objects.for_tenant(resource.tenant).filter(resource=resource)
    changes = ResourceChange.objects.for_tenant(resource.tenant).filter(resource=resource)
    return Relations(
        parents=_parents(resource),
        children=list(_children(resource)[:CHILDREN_SHOWN]),
        changes=list(changes.order_by("-at", "-id")[:CHANGES_SHOWN]),
        findings=list(findings.order_by("state", "rule")),
    )


def _parents(resource: Resource) -> list[Resource]:
    ids = resource.parent.split("/") if resource.parent else []
    depth_of = {("/".join(ids[:depth]), okta_id): depth for depth, okta_id in enumerate(ids)}
    # Naming the kinds lets the database use its index on them.
    known = _others(resource).filter(kind__in=list(KINDS), okta_id__in=ids)
    found = {depth_of.get((row.parent, row.okta_id)): row for row in known}
    return [found[depth] for depth in range(len(ids)) if depth in found]


def _children(resource: Resource) -> QuerySet[Resource]:
    kind = KINDS.get(resource.kind)
    kinds = [child.name for child in kind.children] if kind else []
    path = child_parent(resource.parent, resource.okta_id)
    return (
        _others(resource)
        .filter(kind__in=kinds, parent=path, removed_at=None)
        .order_by("kind", "label", "id")
    )


def _others(resource: Resource) -> QuerySet[Resource]:
    return Resource.objects.for_tenant(resource.tenant).defer("body")

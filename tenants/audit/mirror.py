"""What the rules may look at: one tenant's mirror, and how much of it can be trusted."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from tenants.choices import Completeness
from tenants.inventory.kinds import KINDS, child_parent
from tenants.models import Coverage, Resource, Tenant


class Mirror:
    """One tenant's resources, by kind and by what they belong to.

    Kinds below an authorization server are few and held in memory; apps can be many and stream.
    """

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._coverage = {row.kind: row for row in Coverage.objects.for_tenant(tenant)}
        self._below: dict[str, dict[str, list[Resource]]] = {}

    def all(self, kind: str) -> Iterator[Resource]:
        rows = Resource.objects.for_tenant(self.tenant).filter(kind=kind, removed_at=None)
        return rows.order_by("pk").iterator(chunk_size=500)

    def inside(self, kind: str, resource: Resource) -> list[Resource]:
        """Members of ``kind`` that belong to ``resource``."""
        return self._by_parent(kind)[child_parent(resource.parent, resource.okta_id)]

    def coverage(self, kind: str) -> Coverage | None:
        return self._coverage.get(kind)

    def unread_reason(self, kind: str, parent: str) -> str:
        """Why the members of ``kind`` below ``parent`` could not be read; "" when they were."""
        told = self._coverage.get(kind)
        if told is None:
            return f"{KINDS[kind].plural} were never read."
        if told.completeness == Completeness.COMPLETE:
            return ""
        unread = any(_is_within(parent, lost) for lost in told.unread_parents)
        return told.reason or told.reason_code if unread else ""

    def _by_parent(self, kind: str) -> dict[str, list[Resource]]:
        if kind not in self._below:
            self._below[kind] = defaultdict(list)
            for row in self.all(kind):
                self._below[kind][row.parent].append(row)
        return self._below[kind]


def _is_within(parent: str, lost: str) -> bool:
    return not lost or parent == lost or parent.startswith(f"{lost}/")


def part(body: Any, *path: str) -> Any:
    """The value at a path, None where Okta left something out or sent null on the way."""
    for name in path:
        if not isinstance(body, dict):
            return None
        body = body.get(name)
    return body


def members(body: Any, *path: str) -> list[Any]:
    """The list at a path; [] where there is none."""
    found = part(body, *path)
    return found if isinstance(found, list) else []


def is_active(resource: Resource) -> bool:
    return resource.status == "ACTIVE"

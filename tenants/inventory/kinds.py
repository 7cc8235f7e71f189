"""The kinds of resource we mirror. A new kind is one declaration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tenants.okta import operations
from tenants.okta.operations import Operation


@dataclass(frozen=True)
class Kind:
    """One kind of resource and the listing it comes from.

    ``parameters`` name the path parameters that a parent's ids fill, outermost first. ``inside``
    is the kind that a listing of this one belongs to, empty at the top of an org.
    """

    name: str
    title: str
    plural: str
    operation: Operation
    label_field: str = "name"
    inside: str = ""
    parameters: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def children(self) -> tuple["Kind", ...]:
        return tuple(kind for kind in KINDS.values() if kind.inside == self.name)

    def path(self, parent: str) -> dict[str, str]:
        """Path parameters of the listing below ``parent`` ("aus1/00p1")."""
        return dict(zip(self.parameters, parent.split("/"), strict=False)) if parent else {}


_IN_SERVER = ("authServerId",)
_IN_POLICY = ("authServerId", "policyId")

_ALL = (
    Kind(
        "app",
        "App",
        "Apps",
        operations.LIST_APPS,
        label_field="label",
        # Without it Okta leaves out apps that are not active.
        query=MappingProxyType({"includeNonDeleted": "true"}),
    ),
    Kind(
        "authorization_server",
        "Authorization server",
        "Authorization servers",
        operations.LIST_AUTHORIZATION_SERVERS,
    ),
    Kind(
        "as_policy",
        "Access policy",
        "Access policies",
        operations.LIST_AS_POLICIES,
        inside="authorization_server",
        parameters=_IN_SERVER,
    ),
    Kind(
        "as_rule",
        "Policy rule",
        "Policy rules",
        operations.LIST_AS_RULES,
        inside="as_policy",
        parameters=_IN_POLICY,
    ),
    Kind(
        "as_scope",
        "Scope",
        "Scopes",
        operations.LIST_AS_SCOPES,
        inside="authorization_server",
        parameters=_IN_SERVER,
    ),
    Kind(
        "as_claim",
        "Claim",
        "Claims",
        operations.LIST_AS_CLAIMS,
        inside="authorization_server",
        parameters=_IN_SERVER,
    ),
    Kind(
        "as_key",
        "Signing key",
        "Signing keys",
        operations.LIST_AS_KEYS,
        label_field="kid",
        inside="authorization_server",
        parameters=_IN_SERVER,
    ),
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})
ROOT_KINDS = tuple(kind for kind in _ALL if not kind.inside)


def child_parent(parent: str, okta_id: str) -> str:
    """What ``Resource.parent`` is for members of this resource."""
    return f"{parent}/{okta_id}" if parent else okta_id

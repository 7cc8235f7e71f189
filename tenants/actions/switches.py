"""Switching off or on, in Okta, what the mirror shows."""

from dataclasses import dataclass

from tenants.actions.asking import lacking_scopes
from tenants.actions.wanted import Wanted
from tenants.errors import NotConnected
from tenants.models import Resource
from tenants.okta.operations import OPERATIONS

ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"

#: By kind of resource: what its operations call it, and the parameter of its id.
_KINDS = {
    "app": ("Application", "appId"),
    "authorization_server": ("AuthorizationServer", "authServerId"),
}
_FOLLOWS = {
    ("app", INACTIVE): "From then on nobody gets into the app through Okta, and Okta changes "
    "nobody's account there. The app keeps its settings and assignments.",
    ("app", ACTIVE): "Everybody it is assigned to gets into it through Okta again.",
    ("authorization_server", INACTIVE): "From then on it issues no tokens, and what relies on them "
    "stops working once those it has run out. The server keeps its settings.",
    ("authorization_server", ACTIVE): "It issues tokens again, by its policies as they are now.",
}


@dataclass(frozen=True)
class Switch:
    """One resource, and the state that it would be in. ``lacking`` are the scopes without which
    it cannot be changed."""

    resource: Resource
    after: str
    lacking: frozenset[str]

    @property
    def verb(self) -> str:
        return "Activate" if self.after == ACTIVE else "Deactivate"

    @property
    def follows(self) -> str:
        return _FOLLOWS[self.resource.kind, self.after]

    @property
    def change(self) -> Wanted:
        return _change(self.resource, self.after)


def switch_of(resource: Resource) -> Switch | None:
    """The switch of a resource, by the state the mirror has it in; None where there is none."""
    after = {ACTIVE: INACTIVE, INACTIVE: ACTIVE}.get(resource.status)
    if resource.kind not in _KINDS or resource.removed_at or after is None:
        return None
    try:
        lacking = lacking_scopes(resource.tenant, [_change(resource, after).operation])
    except NotConnected:
        return None
    return Switch(resource, after, lacking)


def _change(resource: Resource, after: str) -> Wanted:
    noun, parameter = _KINDS[resource.kind]
    verb = "activate" if after == ACTIVE else "deactivate"
    return Wanted(OPERATIONS[f"{verb}{noun}"], {parameter: resource.okta_id})

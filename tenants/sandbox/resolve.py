"""From the ids in a path to the ids of the objects it leads through."""

from tenants.sandbox.kinds import KINDS, Kind
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Refusal, okta_error
from tenants.sandbox.store import Body


def resolve(org: Org, kinds: tuple[str, ...], ids: tuple[str, ...]) -> tuple[str, ...]:
    """The ids of the objects that a path leads through, the alias ``default`` replaced.

    Raises:
        Refusal: 404 naming the first one that does not exist.
    """
    found: tuple[str, ...] = ()
    for kind_name, okta_id in zip(kinds, ids, strict=True):
        collection = org.store.collection(kind_name, found)
        real_id = okta_id
        if kind_name == "authorization_server" and okta_id == "default":
            real_id = next((body["id"] for body in collection.bodies() if is_default(body)), "")
        if collection.encoded(real_id) is None:
            raise not_found(KINDS[kind_name], okta_id)
        found = (*found, real_id)
    return found


def is_default(server: Body) -> bool:
    """Older orgs send no ``default`` flag: there only the issuer tells."""
    return bool(server.get("default")) or str(server.get("issuer")).endswith("/oauth2/default")


def not_found(kind: Kind, okta_id: str) -> Refusal:
    summary = f"Not found: Resource not found: {okta_id} ({kind.java_class})"
    return okta_error(404, "E0000007", summary)

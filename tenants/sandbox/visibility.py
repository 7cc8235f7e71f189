"""What an org does not show: what a narrow admin role hides, and what is too new to be found.

A role narrower than the scopes gets 200 for a listing, with what it may see and be it nothing, and
for everything else a 403 that challenges no scope (a listing may be forbidden, too). Below an app
created a moment ago Okta may find nothing yet.
"""

import json
from hashlib import sha256

from tenants.sandbox.call import Call
from tenants.sandbox.kinds import KINDS
from tenants.sandbox.modes import Narrowed, Visible
from tenants.sandbox.replies import Reply, forbidden
from tenants.sandbox.resolve import not_found, resolve
from tenants.sandbox.store import encode

#: By the path under which they lie.
_ROOTS: dict[str, Narrowed] = {
    "/api/v1/apps": "app",
    "/api/v1/authorizationServers": "authorization_server",
    "/api/v1/push-providers": "push_provider",
    "/integrations/api/v1/api-services": "api_service",
}
_EVERYTHING = 1.0


def check_visible(call: Call) -> None:
    """Let a request through unless what it is about is hidden.

    Raises:
        Refusal: 403 for what the role may not see, 404 for what is not there yet.
    """
    org, kind = call.org, _kind_of(call)
    if kind is None or not (org.visible or org.settling_s):
        return
    if not _may_see(call, kind):
        raise forbidden()
    _check_settled(call, kind)


def narrow(call: Call, reply: Reply) -> None:
    """Take out of a listing what the role hides.

    A page shrinks and keeps its ``next``: the role is applied after the page was cut.
    """
    kind = _kind_of(call)
    if kind is None or kind not in call.org.visible or call.ids or reply.status != 200:
        return
    bodies = json.loads(reply.body)
    if isinstance(bodies, list):
        key = KINDS[kind].key
        reply.body = encode([body for body in bodies if sees(call.org.visible, kind, body[key])])


def sees(visible: Visible, kind: Narrowed, okta_id: str) -> bool:
    """Whether a role sees an object; a share picks the same objects every time."""
    seen = visible.get(kind, _EVERYTHING)
    if seen is None:
        return False
    if isinstance(seen, (int, float)):
        return sha256(okta_id.encode()).digest()[0] < seen * 256
    return okta_id in seen


def _kind_of(call: Call) -> Narrowed | None:
    root, _, _ = call.operation.path.partition("/{")
    return _ROOTS.get(root)


def _may_see(call: Call, kind: Narrowed) -> bool:
    if kind not in call.org.visible:
        return True
    if not call.ids:
        return call.request.method == "GET" and call.org.visible[kind] is not None
    return sees(call.org.visible, kind, _first_id(call, kind))


def _check_settled(call: Call, kind: Narrowed) -> None:
    created_at = call.org.ledger.created_at(_first_id(call, kind)) if call.ids else None
    below = not call.operation.path.endswith("}") or len(call.ids) > 1
    if created_at is not None and below and call.org.clock() < created_at + call.org.settling_s:
        raise not_found(KINDS[kind], call.ids[0])


def _first_id(call: Call, kind: Narrowed) -> str:
    """The object at the top of the path, its alias replaced; a 404 where there is none."""
    named = dict(zip(call.operation.parameters, call.ids, strict=True))
    # One operation on apps has the app's name in its path, before the id.
    return resolve(call.org, (kind,), (named.get("appId", call.ids[0]),))[0]

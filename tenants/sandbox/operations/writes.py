"""What writing operations of every family have in common."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.kinds import KINDS
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Refusal, Reply, forbidden, json_reply, okta_error
from tenants.sandbox.resolve import resolve
from tenants.sandbox.seed.ids import stamp
from tenants.sandbox.store import Body

#: Raises Refusal where an object must stay as it is.
Check = Callable[[Call, Body], None]

#: What else a new status changes: returns the object as it becomes.
Follow = Callable[[Call, Body], Body]

_CHANGE_OF = {"ACTIVE": "deactivate", "INACTIVE": "activate"}


def invalid(thing: str, *causes: str) -> Refusal:
    """Okta's answer to a body or a request that breaks a rule."""
    return okta_error(400, "E0000001", f"Api validation failed: {thing}", *causes)


def malformed() -> Refusal:
    """Okta's answer to a body that is not JSON, or has another type or word where one is set."""
    return okta_error(400, "E0000003", "The request body was not well-formed.")


def now(org: Org) -> str:
    return stamp(datetime.fromtimestamp(org.clock(), tz=UTC))


def find(call: Call, kind_name: str) -> tuple[tuple[str, ...], Body]:
    """Ids of the parents, and a copy of the object, at the request's path.

    Raises:
        Refusal: 404 naming the first one that does not exist.
    """
    kind = KINDS[kind_name]
    *parents, okta_id = resolve(call.org, (*kind.parents, kind.name), call.ids)
    return tuple(parents), call.org.get(kind.name, okta_id, *parents)


def read_text(body: Body, field: str, *, longest: int, required: bool = True) -> str | None:
    """A text field of a body; None where it may be missing and is.

    Raises:
        Refusal: 400 for a blank, a value of another type or one that is too long.
    """
    value: Any = body.get(field)
    if value is None or value == "":
        if required:
            raise invalid(field, f"{field}: The field cannot be left blank")
        return None
    if not isinstance(value, str):
        raise invalid(field, f"{field}: The field must be a text")
    if len(value) > longest:
        raise invalid(field, f"{field}: The field is too long (maximum {longest} characters)")
    return value


def keep_system(_: Call, body: Body) -> None:
    """Refuse to delete what Okta made itself: 403, the only refusal the specification has."""
    if body.get("system"):
        raise forbidden()


def removal(kind_name: str, check: Check | None = None) -> Handler:
    """A handler that deletes one object and all below it: 204, and 404 from then on."""
    kind = KINDS[kind_name]

    def answer(call: Call) -> Reply:
        parents, body = find(call, kind_name)
        if check:
            check(call, body)
        call.org.remove(kind.name, body[kind.key], *parents)
        return Reply(204)

    return answer


def switch(
    kind_name: str,
    status: str,
    check: Check | None = None,
    *,
    follow: Follow | None = None,
    shows: bool = False,
) -> Handler:
    """A lifecycle handler: 204, or 200 with the object where that ``shows``.

    Setting the status an object has already is no mistake and changes nothing.
    """

    def answer(call: Call) -> Reply:
        parents, body = find(call, kind_name)
        if body["status"] != status:
            if check:
                check(call, body)
            body = set_status(call.org, body, status)
            body = follow(call, body) if follow else body
            call.org.put(kind_name, body, *parents)
        return json_reply(body) if shows else Reply(204)

    return answer


def set_status(org: Org, body: Body, status: str) -> Body:
    """The object in its new status, which its links show once more."""
    return {
        **body,
        "status": status,
        **({"lastUpdated": now(org)} if "lastUpdated" in body else {}),
        **({"_links": _switch_link(body["_links"], status)} if body.get("_links") else {}),
    }


def _switch_link(links: Body, status: str) -> Body:
    """The link to the other status takes the place of the one to this."""
    before, after = _CHANGE_OF["INACTIVE" if status == "ACTIVE" else "ACTIVE"], _CHANGE_OF[status]
    return {
        after if name == before else name: _point_to(link, after) if name == before else link
        for name, link in links.items()
    }


def _point_to(link: Body, change: str) -> Body:
    return {**link, "href": link["href"].rpartition("/")[0] + f"/{change}"}

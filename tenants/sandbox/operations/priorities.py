"""Objects in the order in which they count: their priorities are always 1, 2, 3 and so on."""

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.kinds import KINDS
from tenants.sandbox.operations.writes import Check, find
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.resolve import resolve
from tenants.sandbox.store import Body


def ranked(org: Org, kind: str, *parents: str) -> list[Body]:
    """All of a kind, most important first; recordings may leave a priority out."""
    return sorted(org.list(kind, *parents), key=lambda body: body.get("priority") or 0)


def put_ranked(org: Org, kind: str, body: Body, *parents: str) -> Body:
    """Add or move an object to the priority it names; those behind it make room."""
    others = [other for other in ranked(org, kind, *parents) if other["id"] != body["id"]]
    place = min(body["priority"], len(others) + 1) - 1
    _number(org, kind, [*others[:place], body, *others[place:]], *parents)
    return org.get(kind, body["id"], *parents)


def ranked_listing(kind_name: str) -> Handler:
    """A handler for the whole list, most important first."""
    kind = KINDS[kind_name]

    def answer(call: Call) -> Reply:
        parents = resolve(call.org, kind.parents, call.ids)
        return json_reply(ranked(call.org, kind.name, *parents))

    return answer


def ranked_removal(kind: str, check: Check) -> Handler:
    """A handler that deletes one object; those behind it move up."""

    def answer(call: Call) -> Reply:
        parents, body = find(call, kind)
        check(call, body)
        call.org.remove(kind, body["id"], *parents)
        _number(call.org, kind, ranked(call.org, kind, *parents), *parents)
        return Reply(204)

    return answer


def _number(org: Org, kind: str, bodies: list[Body], *parents: str) -> None:
    for priority, body in enumerate(bodies, 1):
        org.put(kind, {**body, "priority": priority}, *parents)

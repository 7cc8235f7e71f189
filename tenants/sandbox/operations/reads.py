"""Handlers that read: one object, or a listing of them."""

import re
from typing import Any

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.kinds import KINDS
from tenants.sandbox.paging import Paging, build_links, clean_limit
from tenants.sandbox.replies import JSON, Reply, okta_error
from tenants.sandbox.requests import Request
from tenants.sandbox.resolve import resolve
from tenants.sandbox.store import Body, Collection, Matches, UnknownCursor

_FILTER = re.compile(r'(id|status|name|credentials\.signing\.kid) eq "([^"]*)"')


def single(kind_name: str) -> Handler:
    """A handler for one object by its id."""
    kind = KINDS[kind_name]

    def answer(call: Call) -> Reply:
        *parents, okta_id = resolve(call.org, (*kind.parents, kind.name), call.ids)
        encoded = call.org.store.collection(kind.name, tuple(parents)).encoded(okta_id)
        return Reply(200, encoded or b"", [JSON])

    return answer


def listing(kind_name: str, paging: Paging | None = None) -> Handler:
    """A handler for a list. Without paging it is whole and carries no Link header."""
    kind = KINDS[kind_name]

    def answer(call: Call) -> Reply:
        parents = resolve(call.org, kind.parents, call.ids)
        collection = call.org.store.collection(kind.name, parents)
        if paging:
            return _one_page(collection, call.request, paging)
        body, _ = collection.page()
        return Reply(200, body, [JSON])

    return answer


def _one_page(collection: Collection, request: Request, paging: Paging) -> Reply:
    limit = clean_limit(request, paging)
    matches, query = _read_search(request)
    after = request.query.get("after") or None
    try:
        body, cursor = collection.page(after=after, limit=limit, query=query, matches=matches)
    except UnknownCursor:
        raise okta_error(400, "E0000029", "Invalid paging request.", "Invalid cursor.") from None
    if paging.eager_next and not request.query.get("q"):
        cursor = cursor or collection.last_id_after(after)
    return Reply(200, body, [JSON, *build_links(request, paging, limit, cursor)])


def _read_search(request: Request) -> tuple[Matches | None, tuple[str, str]]:
    """What ``q`` and ``filter`` select, and both as a key."""
    if "expand" in request.query:
        summary = "Api validation failed: RequestParams"
        raise okta_error(400, "E0000001", summary, "Expand query is malformed.")
    q, filter_text = request.query.get("q", ""), request.query.get("filter", "")
    tests = [test for test in (_starts_with(q), _equals(filter_text)) if test]
    matches = (lambda body: all(test(body) for test in tests)) if tests else None
    return matches, (q, filter_text)


def _starts_with(q: str) -> Matches | None:
    if not q:
        return None
    wanted, names = q.casefold(), ("name", "label")
    return lambda body: any(_text(body, name).casefold().startswith(wanted) for name in names)


def _equals(filter_text: str) -> Matches | None:
    if not filter_text:
        return None
    parsed = _FILTER.fullmatch(filter_text.strip())
    if parsed is None:
        raise okta_error(400, "E0000031", "Invalid search criteria.")
    field, wanted = parsed.groups()
    return lambda body: _text(body, field) == wanted


def _text(body: Body, path: str) -> str:
    value: Any = body
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""

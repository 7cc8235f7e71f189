"""Handlers that read: one object, or a listing of them."""

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.kinds import KINDS
from tenants.sandbox.operations.searches import Search, read_filter, starts_with
from tenants.sandbox.paging import Paging, bad_cursor, build_links, clean_limit
from tenants.sandbox.replies import JSON, Refusal, Reply, okta_error
from tenants.sandbox.requests import Request
from tenants.sandbox.resolve import resolve
from tenants.sandbox.store import Collection, Matches, UnknownCursor


def single(kind_name: str) -> Handler:
    """A handler for one object by its id."""
    kind = KINDS[kind_name]

    def answer(call: Call) -> Reply:
        *parents, okta_id = resolve(call.org, (*kind.parents, kind.name), call.ids)
        encoded = call.org.store.collection(kind.name, tuple(parents)).encoded(okta_id)
        return Reply(200, encoded or b"", [JSON])

    return answer


def listing(
    kind_name: str, paging: Paging | None = None, *, search: Search = starts_with
) -> Handler:
    """A handler for a list. Without paging it is whole and carries no Link header."""
    kind = KINDS[kind_name]

    def answer(call: Call) -> Reply:
        parents = resolve(call.org, kind.parents, call.ids)
        collection = call.org.store.collection(kind.name, parents)
        if paging:
            return _one_page(collection, call, paging, search)
        body, _ = collection.page()
        return Reply(200, body, [JSON])

    return answer


def _one_page(collection: Collection, call: Call, paging: Paging, search: Search) -> Reply:
    request = call.request
    limit = clean_limit(request, paging)
    matches, query = _read_search(request, search)
    after = request.query.get("after") or None
    try:
        body, cursor = collection.page(
            after=after, limit=call.org.page_length(limit), query=query, matches=matches
        )
    except UnknownCursor:
        raise bad_cursor() from None
    if paging.eager_next and not request.query.get("q"):
        cursor = cursor or collection.last_id_after(after)
    return Reply(200, body, [JSON, *build_links(request, paging, limit, cursor)])


def _read_search(request: Request, search: Search) -> tuple[Matches | None, tuple[str, str]]:
    """What ``q`` and ``filter`` select, and both as a key."""
    if "expand" in request.query:
        raise malformed_expand()
    q, filter_text = request.query.get("q", ""), request.query.get("filter", "")
    tests = [read(text) for read, text in ((search, q), (read_filter, filter_text)) if text]
    matches = (lambda body: all(test(body) for test in tests)) if tests else None
    return matches, (q, filter_text)


def read_expand(call: Call, *known: str) -> str:
    """What to embed; empty for nothing."""
    expand = call.query.get("expand", "")
    if expand not in ("", *known):
        raise malformed_expand()
    return expand


def malformed_expand() -> Refusal:
    summary = "Api validation failed: RequestParams"
    return okta_error(400, "E0000001", summary, "Expand query is malformed.")

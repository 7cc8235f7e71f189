"""Calls operations of one org by name, and keeps what was sent and answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tenants.okta.operations import OPERATIONS, Operation
from tenants.sandbox.org import Org
from tests.sandbox.caller import Caller, basic

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
_BOUNDARY = "a-boundary-of-the-tour"


@dataclass(frozen=True)
class Visit:
    """One exchange. ``sent`` is the body before it was encoded, None for none; ``sent_as`` and
    ``answered_as`` are media types, '' for none."""

    operation: Operation
    sent: Any
    sent_as: str
    status: int
    answered_as: str
    body: bytes

    @property
    def value(self) -> Any:
        """The answer's JSON; bytes of any other kind, None for an empty body."""
        if not self.body:
            return None
        return json.loads(self.body) if self.answered_as == JSON else self.body

    def __str__(self) -> str:
        return f"{self.operation.name} answered {self.status}: {self.body[:300]!r}"


class Guide:
    """Through one org. Its own idea of an address and a body, so that it shares no mistake with
    the product's client."""

    def __init__(self, caller: Caller, org: Org) -> None:
        self.org = org
        self.visits: list[Visit] = []
        self._caller = caller

    def ask(self, name: str, *ids: str, body: Any = None, **how: Any) -> Any:
        """Call an operation that has to succeed; returns its answer's value."""
        visit = self._visit(name, ids, body, **how)
        assert 200 <= visit.status < 300, str(visit)
        return visit.value

    def expect(self, refused: tuple[int, str], name: str, *ids: str, **how: Any) -> None:
        """Call an operation that has to be refused with this status and code."""
        visit = self._visit(name, ids, how.pop("body", None), **how)
        value = visit.value if isinstance(visit.value, dict) else {}
        code = value.get("errorCode") or value.get("error")
        assert (visit.status, code) == refused, str(visit)

    def _visit(
        self,
        name: str,
        ids: tuple[str, ...],
        body: Any,
        *,
        query: Mapping[str, str] | None = None,
        sent_as: str = JSON,
        accept: str = "",
        authorization: str = "",
    ) -> Visit:
        operation, query = OPERATIONS[name], query or {}
        headers = {"accept": accept or ", ".join(operation.answers) or JSON}
        if operation.name in ("token", "revoke", "introspect"):
            headers["authorization"] = basic(self.org.client_id, self.org.client_secret)
        if authorization:
            headers["authorization"] = authorization
        if body is not None:
            headers["content-type"] = _content_type(sent_as)
        encoded = None if body is None else _encoded(body, sent_as)
        answer = self._caller.call(
            operation.method, _target(operation, ids, query), body=encoded, **headers
        )
        visit = Visit(
            operation,
            body,
            "" if body is None else sent_as,
            answer.status,
            answer.headers.get("content-type", "").partition(";")[0].strip(),
            answer.body,
        )
        self.visits.append(visit)
        return visit


def _target(operation: Operation, ids: tuple[str, ...], query: Mapping[str, str]) -> str:
    values = iter(ids)
    steps = [
        quote(next(values), safe="") if step.startswith("{") else step
        for step in operation.path.split("/")
    ]
    assert next(values, None) is None, f"too many ids for {operation.name}"
    return "/".join(steps) + (f"?{urlencode(query)}" if query else "")


def _content_type(media_type: str) -> str:
    if media_type == "multipart/form-data":
        return f"{media_type}; boundary={_BOUNDARY}"
    return media_type


def _encoded(body: Any, media_type: str) -> bytes:
    match media_type:
        case "application/json":
            return json.dumps(body).encode()
        case "application/x-www-form-urlencoded":
            return urlencode(body).encode()
        case "multipart/form-data":
            return b"".join(_part(name, content) for name, content in body.items()) + (
                f"--{_BOUNDARY}--\r\n".encode()
            )
        case _:
            return bytes(body)


def _part(name: str, content: bytes) -> bytes:
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="logo.png"\r\n'
    )
    return head.encode() + b"Content-Type: image/png\r\n\r\n" + content + b"\r\n"

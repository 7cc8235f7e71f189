"""The recorded exchanges, and the one operation of the catalogue that each belongs to."""

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from tenants.okta.answers import Answer
from tenants.okta.operations import OPERATIONS, Operation
from tests.conformance.guide import JSON, Visit
from tests.conformance.spec import OKTA


@dataclass(frozen=True)
class Exchange:
    """``template`` is the path as the recorder's own table has it, ids replaced by their names.

    ``request_kind`` is ``lost`` where there was a body that the recorder did not keep; of a
    picture it kept only a description.
    """

    number: int
    method: str
    path: str
    template: str
    query: dict[str, str]
    request_kind: str
    request_body: Any
    answer: Answer
    answered: Any


@cache
def exchanges() -> tuple[Exchange, ...]:
    lines = (OKTA / "recorded.ndjson").read_text().splitlines()
    return tuple(_exchange(number, json.loads(line)) for number, line in enumerate(lines, start=1))


@cache
def matched() -> tuple[tuple[Exchange, Operation], ...]:
    """Those that belong to an operation of the catalogue, with it."""
    candidates = [(one, operations_for(one.method, one.path)) for one in exchanges()]
    return tuple((one, found[0]) for one, found in candidates if found)


def as_visit(one: Exchange, operation: Operation) -> Visit:
    sent = one.request_body if one.request_kind == "json" else None
    sent_as = "" if sent is None else JSON
    answer = one.answer
    return Visit(operation, sent, sent_as, answer.status, answer.media_type, answer.body)


def operations_for(method: str, path: str) -> list[Operation]:
    """Every operation that this could be a call of."""
    return [
        operation
        for operation in OPERATIONS.values()
        if operation.method == method and _pattern(operation.path).fullmatch(path)
    ]


def ids_in(operation: Operation, path: str) -> dict[str, str]:
    found = _pattern(operation.path).fullmatch(path)
    return found.groupdict() if found else {}


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


def _exchange(number: int, line: dict[str, Any]) -> Exchange:
    return Exchange(
        number=number,
        method=line["method"],
        path=line["path"],
        template=line["template"],
        query=dict(parse_qsl(line["query"], keep_blank_values=True)),
        request_kind=line["request_kind"],
        request_body=line["request_body"],
        answer=Answer(line["status"], _header_lines(line), _body(line["response_body"])),
        answered=line["response_body"],
    )


def _header_lines(line: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.lower(), value)
        for name, values in line["response_headers"].items()
        for value in (values if isinstance(values, list) else [values])
    )


def _body(body: Any) -> bytes:
    """XML was recorded as text, JSON as what it decodes to."""
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()

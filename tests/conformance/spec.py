"""What Okta's OpenAPI says of each operation, cut to what the catalogue declares."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

OKTA = Path(__file__).parents[3] / "shared" / "okta"
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Described:
    """``listed`` are the properties of a listed item, None where the answer is no list."""

    name: str
    method: str
    path: str
    scope: str
    pages: bool
    page_limit: int | None
    required: frozenset[str]
    body: frozenset[str]
    answers: frozenset[str]
    listed: frozenset[str] | None


@cache
def openapi() -> Any:
    """The document. Reading takes a second, so it is done once."""
    return yaml.load(  # its safe loader, in C
        (OKTA / "openapi-subset.yaml").read_bytes(), Loader=yaml.CSafeLoader
    )


@cache
def described() -> dict[str, Described]:
    """By name."""
    whole = openapi()
    found = [
        _described(whole, path, method, operations)
        for path, operations in whole["paths"].items()
        for method in METHODS
        if method in operations
    ]
    return {one.name: one for one in found}


def _described(whole: Any, path: str, method: str, operations: Any) -> Described:
    operation = operations[method]
    stated = operations.get("parameters", []) + operation.get("parameters", [])
    query = [one for one in (_resolved(whole, each) for each in stated) if one["in"] == "query"]
    body = _resolved(whole, operation.get("requestBody", {}))
    answers = [
        _resolved(whole, answer).get("content", {})
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    ]
    return Described(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        scope=_scope(operation),
        pages=any(one["name"] == "after" for one in query),
        page_limit=_limit(query),
        required=frozenset(one["name"] for one in query if one.get("required")),
        body=frozenset(body.get("content", {})),
        answers=frozenset(media for content in answers for media in content),
        listed=_listed(whole, answers[0]) if method == "get" else None,
    )


def _resolved(whole: Any, node: Any) -> Any:
    while "$ref" in node:
        target = whole
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def _scope(operation: Any) -> str:
    """Its one OAuth scope, '' for none; two would be news to us."""
    wanted = [each["oauth2"] for each in operation["security"] if "oauth2" in each]
    scopes = [scope for each in wanted for scope in each]
    assert len(scopes) <= 1
    return "".join(scopes)


def _limit(query: list[Any]) -> int | None:
    """The largest page: in the schema, in words alone, or only as the default."""
    for one in query:
        if one["name"] == "limit":
            told = re.search(r"[Mm]aximum(?: value:)? (\d+)", one.get("description", ""))
            schema = one["schema"]
            return schema.get("maximum") or (int(told[1]) if told else schema["default"])
    return None


def _listed(whole: Any, content: Any) -> frozenset[str] | None:
    schema = _resolved(whole, content.get("application/json", {}).get("schema", {}))
    if schema.get("type") != "array":
        return None
    return frozenset(_properties(whole, schema["items"]))


def _properties(whole: Any, schema: Any) -> set[str]:
    schema = _resolved(whole, schema)
    found = set(schema.get("properties", {}))
    for each in (*schema.get("oneOf", ()), *schema.get("allOf", ())):
        found |= _properties(whole, each)
    return found

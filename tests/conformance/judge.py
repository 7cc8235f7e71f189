"""What is to be said against an exchange, by Okta's OpenAPI."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.conformance.guide import Visit
from tests.conformance.schemas import Problem, pointer, problems_with_answer, problems_with_request
from tests.conformance.spec import openapi

#: Okta sends these anywhere, whether they are listed or not (contract.md §1, before §1.1).
ANYWHERE = frozenset({401, 500, 503})

_MEMBERS = {
    "Error": ["errorCode", "errorSummary", "errorLink", "errorId", "errorCauses"],
    "OAuthError": ["error", "error_description"],
}


@dataclass(frozen=True, order=True)
class Objection:
    """One kind of departure from the document.

    ``about`` is the schema that a body breaks; for a status, a media type or a body where there
    should be none, the operation. ``where`` is a path in the body, and empty for the rest.
    """

    about: str
    where: str
    rule: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.about, self.where, self.rule)))


def objections(visit: Visit) -> Iterator[tuple[Objection, str]]:
    """Each with the sentence that a reader of a failed run needs."""
    documented = _operation(visit.operation.name)["responses"]
    response = documented.get(str(visit.status))
    if response is None and visit.status not in ANYWHERE:
        yield _plain(visit, f"status {visit.status}", "is not documented")
    if visit.status >= 400:
        yield from _refusal(visit)
        return
    yield from _request(visit)
    if response is not None:
        yield from _answer(visit, _resolved(response).get("content", {}))


def schema_name(visit: Visit) -> str:
    """Of the object or the listed objects in a success; '' where there are none."""
    response = _operation(visit.operation.name)["responses"].get(str(visit.status), {})
    content = _resolved(response).get("content", {}).get(visit.answered_as, {})
    is_json = visit.status < 300 and visit.answered_as == "application/json"
    return _named(content["schema"])[1] if is_json and content else ""


def documented_causes(name: str) -> set[tuple[str, str]]:
    """The refusals that the document has examples of, each with its summary and its cause."""
    responses = (_resolved(each) for each in _operation(name)["responses"].values())
    examples = (
        _resolved(example).get("value", {})
        for response in responses
        for content in response.get("content", {}).values()
        for example in content.get("examples", {}).values()
    )
    return {
        (error["errorSummary"], cause["errorSummary"])
        for error in examples
        if isinstance(error, dict) and str(error.get("errorCode")).startswith("E0000001")
        for cause in error.get("errorCauses", ())
    }


def _request(visit: Visit) -> Iterator[tuple[Objection, str]]:
    if visit.sent is None:
        return
    content = _resolved(_operation(visit.operation.name).get("requestBody", {})).get("content", {})
    if visit.sent_as not in content:
        yield _plain(visit, f"sent {visit.sent_as}", "no such body is documented")
        return
    schema, name = _named(content[visit.sent_as]["schema"])
    yield from _in_body(name, problems_with_request(schema, visit.sent), "sent")


def _answer(visit: Visit, content: Mapping[str, Any]) -> Iterator[tuple[Objection, str]]:
    if not content:
        if visit.body:
            yield _plain(visit, f"body of {visit.status}", "there should be none")
        return
    if not visit.body:
        yield _plain(visit, f"no body of {visit.status}", "there should be one")
    elif visit.answered_as not in content:
        yield _plain(visit, f"answered {visit.answered_as}", f"documented: {', '.join(content)}")
    elif visit.answered_as == "application/json":
        schema, name = _named(content[visit.answered_as].get("schema", {}))
        yield from _in_body(name, problems_with_answer(schema, visit.value), "answered")


def _refusal(visit: Visit) -> Iterator[tuple[Objection, str]]:
    """Errors that no document lists have the shape of those that are listed."""
    is_oauth = isinstance(visit.value, dict) and "error" in visit.value
    name = "OAuthError" if is_oauth else "Error"
    # The document requires nothing; in recorded errors all of it is there (quirks.md §2.1).
    schema = {"allOf": [pointer("components", "schemas", name)], "required": _MEMBERS[name]}
    yield from _in_body(name, problems_with_answer(schema, visit.value), "answered")


def _in_body(
    name: str, problems: Mapping[Problem, str], what: str
) -> Iterator[tuple[Objection, str]]:
    for problem, message in problems.items():
        # A listed object is the same object.
        path = problem.path.replace("$[*]", "$", 1)
        yield Objection(name, path, problem.rule), f"{what} as {name}: {message}"


def _plain(visit: Visit, rule: str, message: str) -> tuple[Objection, str]:
    return Objection(visit.operation.name, "", rule), message


def _named(schema: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The schema with references into the document, and a name for it: that of its item."""
    inner = schema["items"] if schema.get("type") == "array" else schema
    options = [inner, *inner.get("oneOf", ())]
    names = [each["$ref"].rpartition("/")[2] for each in options if "$ref" in each]
    return _absolute(schema), " or ".join(names) or "inline"


def _absolute(node: Any) -> Any:
    if isinstance(node, list):
        return [_absolute(each) for each in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return pointer(*node["$ref"].removeprefix("#/").split("/"))
    return {key: _absolute(value) for key, value in node.items()}


@cache
def _operation(name: str) -> Any:
    return next(
        operation
        for operations in openapi()["paths"].values()
        for operation in operations.values()
        if isinstance(operation, dict) and operation.get("operationId") == name
    )


def _resolved(node: Any) -> Any:
    while "$ref" in node:
        target = openapi()
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node

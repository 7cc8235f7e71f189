"""Bodies held against the schemas of Okta's OpenAPI."""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from jsonschema.exceptions import ValidationError, best_match
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator
from openapi_schema_validator import oas30_format_checker as formats
from referencing import Registry, Resource, Specification

from tests.conformance.spec import openapi

_ADDRESS = "urn:okta:openapi"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True, order=True)
class Problem:
    """``path`` is that of the value, ``[*]`` for any item of a list; ``rule`` the keyword broken,
    with the name of the property where one is missing."""

    path: str
    rule: str


def problems_with_answer(schema: Mapping[str, Any], body: Any) -> dict[Problem, str]:
    """Each kind of problem once, with the first message of it."""
    return _problems(OAS30ReadValidator, schema, body)


def problems_with_request(schema: Mapping[str, Any], body: Any) -> dict[Problem, str]:
    return _problems(OAS30WriteValidator, schema, body)


def pointer(*steps: str) -> dict[str, Any]:
    """A reference into the OpenAPI document."""
    escaped = (step.replace("~", "~0").replace("/", "~1") for step in steps)
    return {"$ref": f"{_ADDRESS}#/" + "/".join(quote(step, safe="~") for step in escaped)}


def _problems(kind: Any, schema: Mapping[str, Any], body: Any) -> dict[Problem, str]:
    validator = kind(schema, registry=_registry(), format_checker=formats)
    found: dict[Problem, str] = {}
    for error in validator.iter_errors(body):
        found.setdefault(_problem(error), _message(error))
    return found


def _problem(error: ValidationError) -> Problem:
    steps = ("[*]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    rule = str(error.validator)
    if rule == "required":
        rule = "required " + error.message.split("'")[1]
    elif rule == "allOf":
        # The validator's word for a discriminator that names no kind.
        rule = "kind" if "does not contain" in error.message else "unknown kind"
    return Problem("$" + "".join(steps), rule)


def _message(error: ValidationError) -> str:
    """Of several alternatives, what was wrong with the one that came closest."""
    return (best_match([error]) or error).message[-200:]


@cache
def _registry() -> Registry[Any]:
    """The document under an address of its own; a plain tree, whose references are pointers."""
    resource = Resource(_with_kinds(deepcopy(openapi())), Specification.OPAQUE)
    return Registry().with_resource(_ADDRESS, resource)


def _with_kinds(whole: dict[str, Any]) -> dict[str, Any]:
    """Make a base schema stand for the kind that its discriminator names.

    OpenAPI has the kinds include their base by ``allOf``, so a validator that is given the base
    would look at the common properties alone.
    """
    schemas = whole["components"]["schemas"]
    for name in [name for name, schema in schemas.items() if _is_base(schema)]:
        common = schemas.pop(name)
        discriminator = common.pop("discriminator")
        schemas[f"{name}.common"] = common
        for kind in set(discriminator["mapping"].values()):
            for part in schemas[kind.rpartition("/")[2]]["allOf"]:
                if part.get("$ref") == f"#/components/schemas/{name}":
                    part["$ref"] += ".common"
        # The validator takes its choice of kinds from a discriminator beside ``allOf``.
        schemas[name] = {"discriminator": discriminator, "allOf": []}
    return whole


def _is_base(schema: Mapping[str, Any]) -> bool:
    return "discriminator" in schema and not {"oneOf", "anyOf"} & schema.keys()


@formats.checks("date-time")
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or bool(_TIME.fullmatch(value))


@formats.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)

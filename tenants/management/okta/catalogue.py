"""The catalogue for people and for programs: ``manage.py okta --list``."""

import json
import re
from collections.abc import Iterator

from tenants.okta.operations import FAMILIES, Operation, Paging

WIDTH = 80
_INDENT = " " * 6


def catalogue_text(word: str) -> str:
    """Every operation that has ``word`` in its name, path or scope, by family; '' for none."""
    parts: list[str] = []
    for title, family in FAMILIES.items():
        if found := [operation for operation in family if _fits(operation, title, word)]:
            parts.append("\n".join([title, *map(_shown, found)]))
    return "\n\n".join(parts)


def catalogue_json(word: str) -> str:
    rows = [
        _row(operation, title)
        for title, family in FAMILIES.items()
        for operation in family
        if _fits(operation, title, word)
    ]
    return json.dumps(rows, indent=1)


def _fits(operation: Operation, title: str, word: str) -> bool:
    told = (operation.name, operation.old_name, operation.path, operation.scope, title)
    return any(word.lower() in text.lower() for text in told)


def _shown(operation: Operation) -> str:
    once = f" (once {operation.old_name})" if operation.old_name else ""
    name = f"  {operation.name}"
    head = [name + once] if len(name + once) <= WIDTH else [name, _INDENT + once.strip()]
    scope = operation.scope or "the client's own credentials"
    told = ", ".join([operation.effect, scope, *_particulars(operation)])
    return "\n".join([*head, *_path(operation), _INDENT + told])


def _particulars(operation: Operation) -> Iterator[str]:
    if operation.paging == Paging.CURSOR:
        yield "pages"
    if operation.required:
        yield f"needs {' '.join(operation.required)}"
    if operation.creates_secret:
        yield "creates a secret"


def _path(operation: Operation) -> Iterator[str]:
    """Method and path, broken before a slash where they are long."""
    line = f"{_INDENT}{operation.method} "
    hang = " " * len(line)
    for segment in re.findall(r"/[^/]*", operation.path):
        if len(line) + len(segment) > WIDTH:
            yield line
            line = hang
        line += segment
    yield line


def _row(operation: Operation, title: str) -> dict[str, object]:
    return {
        "name": operation.name,
        "old_name": operation.old_name,
        "family": title,
        "method": operation.method,
        "path": operation.path,
        "scope": operation.scope,
        "effect": operation.effect,
        "paging": operation.paging,
        "page_limit": operation.page_limit,
        "required": operation.required,
        "body": operation.body,
        "answers": operation.answers,
        "creates_secret": operation.creates_secret,
    }

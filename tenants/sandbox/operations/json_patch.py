"""JSON Patch (RFC 6902) as far as Okta has it: ``replace`` and ``remove`` in objects."""

from typing import Any

from tenants.sandbox.operations.writes import invalid, malformed
from tenants.sandbox.replies import Refusal
from tenants.sandbox.store import Body


def apply_patch(body: Body, operations: Any) -> Body:
    """``body`` with all operations applied to it.

    Raises:
        Refusal: 400 for what is no patch, and for a path that leads nowhere.
    """
    if not isinstance(operations, list):
        raise malformed()
    members = set(body)
    for operation in operations:
        _apply(body, operation)
    if set(body) != members:
        raise _wrong_path()
    return body


def _apply(body: Body, operation: Any) -> None:
    if not isinstance(operation, dict) or operation.get("op") not in ("replace", "remove"):
        raise malformed()
    parent, name = _follow(body, operation.get("path"))
    if operation["op"] == "remove":
        del parent[name]
    elif "value" not in operation:
        raise malformed()
    else:
        parent[name] = operation["value"]


def _follow(body: Body, path: Any) -> tuple[Body, str]:
    """The object that a JSON Pointer (RFC 6901) leads into, and the member it names there."""
    if not isinstance(path, str) or not path.startswith("/"):
        raise _wrong_path()
    *parents, name = [step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/")]
    target: Any = body
    for step in parents:
        target = target.get(step) if isinstance(target, dict) else None
    if not isinstance(target, dict) or name not in target:
        raise _wrong_path()
    return target, name


def _wrong_path() -> Refusal:
    return invalid("path", "path: There is nothing that may be changed at this path.")

"""One change to an org as it is asked for, before it is anybody's row."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tenants.actions.errors import ChangeRefused
from tenants.models import Intent
from tenants.okta.operations import OPERATIONS, Operation, is_identifier
from tenants.okta.operations.media import JSON
from tenants.okta.redact import drop_secrets

#: Several times the longest body that Okta takes for one object.
MAX_BODY_BYTES = 200_000


@dataclass(frozen=True)
class Wanted:
    """``path`` and ``query`` as in `Operation.target`; ``body`` is what becomes JSON, if any."""

    operation: Operation
    path: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = field(default=None, repr=False)

    def path_of(self, reader: Operation) -> dict[str, str]:
        """The ids of our path that another operation's path takes."""
        return {name: self.path[name] for name in reader.parameters}


def wanted_of(intent: Intent) -> Wanted:
    return Wanted(OPERATIONS[intent.operation], intent.path, intent.query, intent.body)


def target_of(operation: str, path: Mapping[str, str]) -> str:
    """``deactivateApplication 0oa1``: an operation and what it is about, for people."""
    return " ".join([operation, *path.values()])


def check_shape(change: Wanted) -> None:
    """Raises ChangeRefused with one sentence for what fits no request, or must not be stored."""
    operation = change.operation
    if set(change.path) != set(operation.parameters) or not all(
        is_identifier(name, value) for name, value in change.path.items()
    ):
        wanted = " and ".join(operation.parameters) or "nothing"
        raise ChangeRefused(f"In its path {operation.name} takes {wanted}, each an Okta id.")
    if missing := [name for name in operation.required if not change.query.get(name)]:
        raise ChangeRefused(f"{operation.name} needs {' and '.join(missing)} in its query.")
    if not all(name.isprintable() and value.isprintable() for name, value in change.query.items()):
        raise ChangeRefused("The query holds a character that does not print.")
    if change.body is not None:
        _check_body(operation, change.body)


def _check_body(operation: Operation, body: Any) -> None:
    if operation.body != JSON:
        raise ChangeRefused(f"{operation.name} takes no JSON.")
    try:
        data = json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    except UnicodeEncodeError as exc:
        raise ChangeRefused("The body holds a character that cannot be stored.") from exc
    except (ValueError, TypeError, RecursionError) as exc:
        raise ChangeRefused("The body is nothing that JSON can say.") from exc
    if len(data) > MAX_BODY_BYTES:
        raise ChangeRefused(f"The body has more than {MAX_BODY_BYTES} bytes.")
    if b"\\u0000" in data:
        raise ChangeRefused("The body holds a character that cannot be stored.")
    if drop_secrets(copy.deepcopy(body)) != body:
        raise ChangeRefused(
            "The body holds a secret, a password, a token or a private key, and those are not "
            "kept in a queue. Make this change without --queue."
        )

"""From an operator's words to one call, checked as far as that goes without sending anything."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tenants.calls.contents import content_build, form_build, takes_form
from tenants.calls.errors import CallRefused
from tenants.okta.bodies import Content
from tenants.okta.operations import OPERATIONS, Operation, is_identifier
from tenants.okta.operations.media import JSON

_NEAREST = 4


@dataclass(frozen=True)
class Call:
    """One call as it was asked for. ``form`` stands in for ``body`` where Okta wants the client's
    own credentials; ``accept`` is '' for the usual kind of answer; ``reveal`` leaves in the secret
    that the call creates."""

    operation: Operation
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Content | None = field(repr=False)
    form: Mapping[str, str] = field(repr=False)
    accept: str
    reveal: bool

    @property
    def as_client(self) -> bool:
        """Whether it is made with the client's own credentials, not with a token."""
        return takes_form(self.operation)

    @property
    def target(self) -> str:
        """The path with its ids, without the query."""
        return self.operation.target(self.path, self.query).partition("?")[0]

    def told_query(self) -> dict[str, str]:
        """The query for the record. What Okta insists on says what the call is about and is told;
        of all else, codes and search terms among them, only the name."""
        required = self.operation.required
        return {name: value if name in required else "…" for name, value in self.query.items()}


def operation_find(name: str) -> Operation:
    """An operation by its name, or by what it was once called, in any case.

    Raises:
        CallRefused: there is none; the sentence has the nearest names.
    """
    if found := _BY_NAME.get(name.lower()):
        return found
    near = difflib.get_close_matches(name.lower(), _BY_NAME, n=_NEAREST)
    inside = [known for known in _BY_NAME if name and name.lower() in known]
    names = dict.fromkeys(_BY_NAME[known].name for known in [*near, *inside])
    meant = f" Do you mean {' or '.join(list(names)[:_NEAREST])}?" if names else ""
    raise CallRefused(f"There is no operation {name!r}.{meant}")


def call_build(
    operation: Operation,
    *,
    path: Iterable[tuple[str, str]] = (),
    query: Iterable[tuple[str, str]] = (),
    body: bytes | None = None,
    file_name: str = "",
    accept: str = "",
    reveal: bool = False,
) -> Call:
    """Raises CallRefused with one sentence for whatever does not fit the operation."""
    if reveal and not operation.creates_secret:
        raise CallRefused(f"{operation.name} creates no secret that could be shown.")
    if accept and accept not in operation.answers:
        known = " or ".join(operation.answers) or "no body"
        raise CallRefused(f"{operation.name} answers with {known}, not with {accept}.")
    content, form = _body(operation, body, file_name)
    return Call(
        operation=operation,
        path=_path(operation, _once(path)),
        query=_query(operation, _once(query)),
        body=content,
        form=form,
        accept=accept,
        reveal=reveal,
    )


def _once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    once: dict[str, str] = {}
    for name, value in pairs:
        if name in once:
            raise CallRefused(f"{name} is given more than once.")
        once[name] = value
    return once


def _path(operation: Operation, given: dict[str, str]) -> dict[str, str]:
    wanted = operation.parameters
    takes = f"In its path {operation.name} takes {' and '.join(wanted) or 'nothing'}"
    if missing := [name for name in wanted if name not in given]:
        raise CallRefused(f"{takes}: {' and '.join(missing)} is missing.")
    if unknown := [name for name in given if name not in wanted]:
        raise CallRefused(f"{takes}, and no {' or '.join(unknown)}.")
    if odd := [name for name, value in given.items() if not is_identifier(name, value)]:
        raise CallRefused(f"What is given as {odd[0]} cannot be an Okta id.")
    return given


def _query(operation: Operation, given: dict[str, str]) -> dict[str, str]:
    """Of the query, the catalogue knows what is required; the rest is for Okta to judge."""
    if operation.scope == "" and given:
        raise CallRefused(f"{operation.name} takes no query.")
    if missing := [name for name in operation.required if not given.get(name)]:
        raise CallRefused(f"{operation.name} needs {' and '.join(missing)} in its query.")
    return given


def _body(
    operation: Operation, data: bytes | None, file_name: str
) -> tuple[Content | None, dict[str, str]]:
    if data is None:
        if operation.body and not _may_lack_body(operation):
            raise CallRefused(f"{operation.name} needs a body: {' or '.join(operation.body)}.")
        return None, {}
    if takes_form(operation):
        return None, form_build(operation, data)
    return content_build(operation, data, file_name), {}


def _may_lack_body(operation: Operation) -> bool:
    """Okta documents some JSON bodies as optional; the catalogue does not tell which."""
    return operation.body == JSON


def _names(operation: Operation) -> Iterable[str]:
    return (name.lower() for name in (operation.name, operation.old_name) if name)


_BY_NAME: Mapping[str, Operation] = {
    name: operation for operation in OPERATIONS.values() for name in _names(operation)
}

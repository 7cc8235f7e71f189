"""Which scopes operations need."""

from collections.abc import Iterable

from tenants.okta.operations.operation import Operation


def scopes_of(operations: Iterable[Operation]) -> frozenset[str]:
    """The fewest scopes that allow all ``operations``: ``X.manage`` stands for ``X.read`` too."""
    wanted = frozenset(operation.scope for operation in operations if operation.scope)
    return frozenset(scope for scope in wanted if _manage(scope) not in wanted - {scope})


def allows(scopes: frozenset[str], operation: Operation) -> bool:
    """Whether a token of ``scopes`` is enough; none is where Okta wants credentials instead."""
    return bool(operation.scope) and not scopes.isdisjoint(
        {operation.scope, _manage(operation.scope)}
    )


def _manage(scope: str) -> str:
    return f"{scope.removesuffix('.read')}.manage" if scope.endswith(".read") else scope

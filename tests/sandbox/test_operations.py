"""The sandbox and the product's catalogue agree on paths and scopes."""

import re

from tenants.okta.operations import OPERATIONS
from tenants.sandbox.routes import ROUTES


def shape(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


SCOPES = {
    (operation.method, shape(operation.path)): operation.scope for operation in OPERATIONS.values()
}


def test_every_route_of_the_sandbox_is_in_the_catalogue() -> None:
    answered = {(route.method, shape(route.path)) for route in ROUTES}

    assert answered
    assert answered - SCOPES.keys() == set()


def test_the_sandbox_demands_the_scope_the_catalogue_names() -> None:
    demanded = {(route.method, shape(route.path)): route.scope for route in ROUTES}

    assert demanded == {key: SCOPES[key] for key in demanded}

"""The sandbox and the product's catalogue agree on paths and scopes."""

import re

from tenants.okta.operations import OPERATIONS
from tenants.sandbox.routes import ROUTES


def shape(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


SCOPES = {(route.method, shape(route.path)): route.scope for route in ROUTES}


def test_the_sandbox_answers_every_operation_of_the_catalogue() -> None:
    wanted = {(operation.method, shape(operation.path)) for operation in OPERATIONS.values()}

    assert wanted - SCOPES.keys() == set()


def test_the_sandbox_demands_the_scope_the_catalogue_names() -> None:
    named = {
        (operation.method, shape(operation.path)): operation.scope
        for operation in OPERATIONS.values()
    }

    assert {key: SCOPES[key] for key in named} == named

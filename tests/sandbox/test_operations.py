"""The sandbox answers every operation of the catalogue."""

from tenants.okta.operations import OPERATIONS
from tenants.sandbox.operations import HANDLERS


def test_every_operation_of_the_catalogue_is_answered() -> None:
    assert HANDLERS.keys() == OPERATIONS.keys()

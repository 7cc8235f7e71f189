"""Every operation that writes has a way to be read back, or a reason why it is not offered."""

import pytest

from tenants.actions.catalogue import NOT_OFFERED, TRACES
from tenants.okta.operations import OPERATIONS, allows

WRITES = {name for name, operation in OPERATIONS.items() if not operation.is_read}


def test_every_write_is_read_back_or_has_its_reason() -> None:
    assert set(TRACES) | set(NOT_OFFERED) == WRITES
    assert not set(TRACES) & set(NOT_OFFERED)
    assert all(NOT_OFFERED.values())


def test_what_makes_a_secret_is_not_offered() -> None:
    """But for apps, of which most kinds have none; those that do are refused by their body."""
    makes = {name for name, operation in OPERATIONS.items() if operation.creates_secret}

    assert makes - set(NOT_OFFERED) == {"createApplication"}


@pytest.mark.parametrize("name", TRACES)
def test_reading_back_needs_no_further_scope(name: str) -> None:
    operation, reader = OPERATIONS[name], TRACES[name].reader

    assert reader.is_read
    assert allows(frozenset({operation.scope}), reader)


@pytest.mark.parametrize("name", TRACES)
def test_the_path_of_a_change_has_what_its_reading_asks_for(name: str) -> None:
    assert set(TRACES[name].reader.parameters) <= set(OPERATIONS[name].parameters) | {"appId"}

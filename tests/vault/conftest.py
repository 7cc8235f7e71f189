from typing import TypedDict
from uuid import UUID

import pytest

from tenants.vault.keyring import LocalKeyring


class Place(TypedDict):
    tenant: UUID
    field: str
    row: UUID


@pytest.fixture
def ring() -> LocalKeyring:
    return LocalKeyring("new", {"new": b"n" * 32, "old": b"o" * 32})


@pytest.fixture
def place() -> Place:
    return {
        "tenant": UUID("6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
        "field": "connections.Connection.client_secret",
        "row": UUID("0190b6f0-0000-7000-8000-000000000001"),
    }

"""Alive and ready are two questions."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tenants.broker.service import forget_configuration
from tenants.vault.ringfile import ring_create


@pytest.fixture
def keyring_file(settings: Any, tmp_path: Path) -> Any:
    settings.KEYRING_FILE = tmp_path / "keyring.json"
    forget_configuration()
    yield settings.KEYRING_FILE
    forget_configuration()


def test_alive_asks_for_nothing(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_when_database_and_keys_are_there(client: Client, keyring_file: Path) -> None:
    ring_create(keyring_file)

    assert client.get("/readyz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_not_ready_without_the_keys_that_seal_secrets(client: Client, keyring_file: Path) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "key ring unavailable"}

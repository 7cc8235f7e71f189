"""Alive and ready are two questions."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError
from django.test import Client

from tenants.broker.service import forget_configuration
from tenants.keys import proof
from tenants.keys.canaries import KeysUnproven
from tenants.vault.ringfile import ring_create
from tenants.web import health

pytestmark = pytest.mark.django_db


@pytest.fixture
def keyring_file(settings, tmp_path: Path) -> Iterator[Path]:
    settings.KEYRING_FILE = tmp_path / "keyring.json"
    forget_configuration()
    yield settings.KEYRING_FILE
    forget_configuration()


@pytest.fixture(autouse=True)
def questions() -> Iterator[None]:
    health._questions.cache_clear()
    yield
    health._questions.cache_clear()


def test_alive_asks_for_nothing(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_ready_when_database_and_keys_are_there(client: Client, keyring_file: Path) -> None:
    ring_create(keyring_file)

    assert client.get("/readyz").json() == {"status": "ok"}


def test_not_ready_without_the_keys_that_seal_secrets(
    client: Client, keyring_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable"}  # strangers ask too
    assert "not ready: keys: KeyringError" in caplog.text


def test_not_ready_when_stored_values_do_not_open_with_our_keys(
    client: Client, keyring_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring_create(keyring_file)

    def refuse(ring: object) -> None:
        raise KeysUnproven("The key ring does not open what is stored.")

    monkeypatch.setattr(proof, "keys_prove", refuse)

    assert client.get("/readyz").status_code == 503


def test_not_ready_while_the_database_refuses(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "_ask_database", refuse)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "refused" not in answer.content.decode()
    assert "not ready: database: OperationalError: connection refused" in caplog.text


def test_a_database_that_stands_still_is_asked_once_and_told_in_time(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    thaw, asked = threading.Event(), []

    def stand_still() -> None:
        asked.append(1)
        thaw.wait(10)

    monkeypatch.setattr(health, "_ask_database", stand_still)
    monkeypatch.setattr(health, "PATIENCE_S", 0.1)
    began = time.monotonic()

    codes = {client.get("/readyz").status_code for _ in range(3)}

    took_s = time.monotonic() - began
    thaw.set()
    assert codes == {503}
    assert asked == [1]
    assert took_s < 2

"""A key file of its own for each test, and secrets sealed under it."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tenants.broker.sealing import secret_seal
from tenants.broker.service import forget_configuration
from tenants.choices import CredentialState
from tenants.models import Credential, Tenant
from tenants.vault.ringfile import ring_create
from tenants.vault.secret import Secret


@pytest.fixture
def key_file(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """With one key, ``old``."""
    settings.KEYRING_FILE = tmp_path / "keyring.json"
    ring_create(settings.KEYRING_FILE, "old")
    forget_configuration()
    yield settings.KEYRING_FILE
    forget_configuration()


Keep = Callable[[str], Credential]


@pytest.fixture
def keep(db: None, key_file: Path) -> Keep:
    """Seal a secret for a tenant of its own, and return the credential."""

    def _keep(secret: str) -> Credential:
        tenant = Tenant.objects.create(name=str(uuid.uuid4()), contact_email="it@acme.example")
        credential = Credential.objects.create(
            tenant=tenant,
            state=CredentialState.ACTIVE,
            host="acme.okta.com",
            client_id=uuid.uuid4().hex,
        )
        secret_seal(credential, Secret(secret)).save()
        return credential

    return _keep

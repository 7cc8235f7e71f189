"""Without keys to seal with, no secret is taken: the page says so, and nothing is kept."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tenants.broker.service import forget_configuration
from tenants.models import Credential, Run, SealedSecret
from tenants.vault.errors import SealUnavailable
from tenants.vault.keys import LocalKey
from tenants.vault.ringfile import ring_create
from tests.onboarding.conftest import Visitor
from tests.onboarding.values import SECRET, pasted


@pytest.fixture
def no_keys(admin: Visitor) -> None:
    Path(settings.KEYRING_FILE).unlink()
    forget_configuration()


@pytest.fixture
def other_keys(admin: Visitor) -> None:
    """Under the id that a secret was sealed with before."""
    admin.post("connect", pasted())
    key_id = SealedSecret.objects.get().sealed.split(":")[1]
    Credential.objects.all().delete()
    SealedSecret.objects.update(owner_id=admin.tenant.pk)
    Run.objects.all().delete()
    Path(settings.KEYRING_FILE).unlink()
    ring_create(settings.KEYRING_FILE, key_id)
    forget_configuration()


@pytest.fixture
def key_service_away(admin: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def time_out(*args: Any) -> bytes:
        raise SealUnavailable("timed out")

    monkeypatch.setattr(LocalKey, "wrap", time_out)


@pytest.mark.parametrize("trouble", ["no_keys", "other_keys", "key_service_away"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_form_says_that_no_secret_is_taken(
    admin: Visitor, request: pytest.FixtureRequest, trouble: str, method: str
) -> None:
    request.getfixturevalue(trouble)

    response = admin.get("connect") if method == "get" else admin.post("connect", pasted())

    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert "We cannot take a secret safely at the moment, and nothing was kept." in response.text
    assert SECRET not in response.text
    assert not Credential.objects.exists()
    assert not Run.objects.exists()


def test_a_service_that_goes_away_after_the_start_costs_nothing_but_this_try(
    admin: Visitor, request: pytest.FixtureRequest
) -> None:
    assert admin.get("connect").status_code == 200
    request.getfixturevalue("key_service_away")

    response = admin.post("connect", pasted())

    assert response.status_code == 503
    assert not Credential.objects.exists()

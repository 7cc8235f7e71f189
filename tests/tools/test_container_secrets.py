import stat

import pytest

from tenants.vault.ringfile import ring_load
from tools import container_secrets
from tools.container_secrets import create


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(container_secrets.os, "chown", lambda *_: None)
    create(tmp_path / "secrets")
    return tmp_path / "secrets"


def test_every_file_that_compose_asks_for_is_made_and_readable_by_its_owner_only(folder):
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}

    assert modes == dict.fromkeys(
        [
            "signing_key",
            "keyring.json",
            "database_url",
            "redis_url",
            "postgres_password",
            "redis_password",
        ],
        0o400,
    )


def test_the_urls_carry_the_passwords_of_their_servers(folder):
    for server in ("postgres", "redis"):
        password = (folder / f"{server}_password").read_text()
        url = "database_url" if server == "postgres" else "redis_url"

        assert f":{password}@{server}:" in (folder / url).read_text()


def test_the_key_ring_can_be_read_by_the_service(folder):
    assert ring_load(folder / "keyring.json").primary

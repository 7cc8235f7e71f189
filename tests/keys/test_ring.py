"""The key ring as a process holds it: read again when its file changes, not lost to a bad one."""

import logging
from pathlib import Path
from typing import Any

import pytest

from tenants.broker.service import forget_configuration
from tenants.keys.ring import keyring
from tenants.vault.errors import KeyringError
from tenants.vault.ringfile import ring_edit
from tenants.vault.ringtext import random_text


def test_a_key_file_that_is_replaced_is_read_again(key_file: Path) -> None:
    before = keyring()
    ring_edit(key_file, lambda text: text.adding("new", random_text()).led_by("new"))

    assert (before.primary, keyring().primary) == ("old", "new")


def test_the_ring_stays_the_same_while_its_file_does(key_file: Path) -> None:
    assert keyring() is keyring()


@pytest.mark.parametrize("bad", ["remove", "rubbish", "open to others"])
def test_good_keys_outlive_a_bad_file(
    key_file: Path, bad: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = keyring()
    key_file.chmod(0o600)
    if bad == "remove":
        key_file.unlink()
    elif bad == "rubbish":
        key_file.write_text("canary-4711")
    else:
        key_file.chmod(0o644)

    assert keyring() is before
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "canary-4711" not in caplog.text


def test_who_starts_with_a_bad_file_is_refused(key_file: Path) -> None:
    key_file.chmod(0o644)

    with pytest.raises(KeyringError, match="chmod 400"):
        keyring()


def test_keys_out_of_the_environment_serve_and_are_warned_of(
    settings: Any, key_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.KEYRING_TEXT = key_file.read_text()
    settings.KEYRING_FILE = key_file.parent / "nowhere.json"
    forget_configuration()

    assert keyring().primary == "old"
    assert keyring() is keyring()
    assert caplog.text.count("KEYRING_TEXT") == 1


def test_what_is_derived_outlives_a_rotation(key_file: Path) -> None:
    before = keyring().derive("token-cache")
    ring_edit(key_file, lambda text: text.adding("new", random_text()).led_by("new"))

    assert keyring().derive("token-cache") == before

import base64
import copy
import json
import os
import pickle
import socket
import stat
import threading

import pytest

from tenants.vault.errors import KeyringError, SealError
from tenants.vault.keyring import KEY_ID, LocalKeyring
from tenants.vault.ringfile import ring_create, ring_edit, ring_from_text, ring_load

KEY = base64.b64encode(b"k" * 32).decode()


def key_text(**changes: object) -> str:
    return json.dumps({"primary": "a", "keys": {"a": KEY}} | changes)


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "keyring.json"
    path.write_text(key_text())
    path.chmod(0o400)
    return path


def test_a_wrapped_data_key_comes_back(ring):
    wrapped = ring.wrap(b"d" * 32, "old", b"aad")

    assert ring.unwrap(wrapped, "old", b"aad") == b"d" * 32
    assert len(wrapped) == 60


@pytest.mark.parametrize(
    ("key_id", "aad", "cut", "reason"),
    [
        pytest.param("old", b"aad", 0, "authentication failed", id="another key"),
        pytest.param("new", b"bad", 0, "authentication failed", id="another context"),
        pytest.param("new", b"aad", 1, "malformed", id="truncated"),
        pytest.param("gone", b"aad", 0, "unknown key id", id="unknown key"),
    ],
)
def test_a_data_key_opens_only_as_it_was_wrapped(ring, key_id, aad, cut, reason):
    wrapped = ring.wrap(b"d" * 32, "new", b"aad")

    with pytest.raises(SealError) as refused:
        ring.unwrap(wrapped[: len(wrapped) - cut], key_id, aad)

    assert refused.value.reason == reason


def test_wrapping_under_an_unknown_key_is_refused(ring):
    with pytest.raises(SealError, match="unknown key id"):
        ring.wrap(b"d" * 32, "gone", b"aad")


def test_derived_keys_differ_by_purpose_and_by_primary_key(ring):
    other = LocalKeyring("old", {"old": b"o" * 32})

    keys = {ring.derive("token-cache"), ring.derive("audit-chain"), other.derive("token-cache")}

    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}
    assert ring.derive("token-cache") in keys


def test_derivation_is_hkdf_sha256_as_written_down():
    """Worked out with hmac alone, RFC 5869: no salt, one block."""
    ring = LocalKeyring("a", {"a": bytes(range(32))})

    expected = "6149bb59b05a051cd7ef93942eade71cbcbd876affb0b60a7343cc50e8e3656f"
    assert ring.derive("token-cache").hex() == expected


def test_repr_shows_ids_only(ring):
    assert repr(ring) == "LocalKeyring(primary='new', key_ids=['new', 'old'])"


@pytest.mark.parametrize("carry_off", [pickle.dumps, copy.deepcopy], ids=["pickle", "deepcopy"])
def test_a_ring_is_not_carried_off(ring, carry_off):
    with pytest.raises(TypeError):
        carry_off(ring)


def test_a_created_file_is_read_back(tmp_path):
    path = tmp_path / "keyring.json"

    created = ring_create(path)

    wrapped = created.wrap(b"d" * 32, created.primary, b"")
    assert ring_load(path).unwrap(wrapped, created.primary, b"") == b"d" * 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert KEY_ID.fullmatch(created.primary)
    assert os.listdir(tmp_path) == ["keyring.json"]


def test_a_file_that_is_there_is_never_replaced(key_file):
    with pytest.raises(KeyringError, match="already"):
        ring_create(key_file)

    assert key_file.read_text() == key_text()
    assert os.listdir(key_file.parent) == ["keyring.json"]


def test_of_several_creators_one_wins_and_its_keys_stay(tmp_path):
    path, created, start = tmp_path / "keyring.json", [], threading.Barrier(8)

    def create() -> None:
        start.wait()
        try:
            created.append(ring_create(path))
        except KeyringError:
            return

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [ring.primary for ring in created] == [ring_load(path).primary]


def test_a_missing_folder_is_one_clear_sentence(tmp_path):
    with pytest.raises(KeyringError, match=r"cannot be written: No such file or directory\.$"):
        ring_create(tmp_path / "nowhere" / "keyring.json")


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o620, 0o602, 0o411], ids=oct)
def test_a_file_open_to_others_is_refused(key_file, mode):
    key_file.chmod(mode)

    with pytest.raises(KeyringError, match="chmod 400"):
        ring_load(key_file)


def test_a_file_of_another_user_is_refused(key_file, monkeypatch):
    owner = key_file.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)

    with pytest.raises(KeyringError, match="belongs to another user"):
        ring_load(key_file)


def test_a_missing_file_is_one_clear_sentence(tmp_path):
    with pytest.raises(KeyringError, match=r"cannot be read: No such file or directory\.$"):
        ring_load(tmp_path / "keyring.json")


def test_a_folder_is_not_a_key_file(tmp_path):
    with pytest.raises(KeyringError, match="Is a directory"):
        ring_load(tmp_path)


def test_a_named_pipe_does_not_hang_the_start(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o400)

    with pytest.raises(KeyringError, match="not a regular file"):
        ring_load(tmp_path / "pipe")


def test_a_socket_is_not_a_key_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")

        with pytest.raises(KeyringError):
            ring_load(tmp_path / "s")


@pytest.mark.parametrize(
    "content", [b"\xff" + key_text().encode(), b" " * 70_000], ids=["binary", "huge"]
)
def test_a_file_of_something_else_is_refused(tmp_path, content):
    path = tmp_path / "keyring.json"
    path.write_bytes(content)
    path.chmod(0o400)

    with pytest.raises(KeyringError, match="is not a key file"):
        ring_load(path)


def test_a_link_stays_and_the_file_behind_it_changes(key_file):
    link = key_file.parent / "elsewhere" / "link.json"
    link.parent.mkdir()
    link.symlink_to(key_file)

    ring_edit(link, lambda text: text.adding("b", KEY))

    assert link.is_symlink()
    assert repr(ring_load(key_file)) == "Keyring(primary='a', key_ids=['a', 'b'])"
    assert os.listdir(link.parent) == ["link.json"]


def test_a_draft_of_an_editor_that_was_killed_goes_with_the_next_change(key_file):
    left = key_file.with_name(f".{key_file.name}.0123456789abcdef")
    left.write_text(key_text())
    other = key_file.with_name(".other.json.0123456789abcdef")
    other.write_text("of somebody else")

    ring_edit(key_file, lambda text: text.adding("b", KEY))

    assert sorted(os.listdir(key_file.parent)) == [other.name, key_file.name]


def test_text_of_an_environment_variable_is_accepted():
    ring = ring_from_text(key_text(keys={"a": KEY, "b": KEY}))

    assert repr(ring) == "Keyring(primary='a', key_ids=['a', 'b'])"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("canary-4711", id="not JSON"),
        pytest.param("[" * 100_000, id="nested too deep"),
        pytest.param('["canary-4711"]', id="a list"),
        pytest.param(key_text(keys=["canary-4711"]), id="keys in a list"),
        pytest.param(key_text(primary=1), id="number for an id"),
        pytest.param(key_text(extra="canary-4711"), id="something extra"),
        pytest.param(key_text(primary="canary-4711"), id="primary not there"),
        pytest.param(key_text(keys={}), id="no keys"),
        pytest.param(key_text(keys={"a": KEY, "Canary 4711": KEY}), id="unfit id"),
        pytest.param(key_text(keys={"a": "canary-4711"}), id="not base64"),
        pytest.param(key_text(keys={"a": "canary"}), id="wrong padding"),
        pytest.param(key_text(keys={"a": "cänary"}), id="not ASCII"),
        pytest.param(key_text(keys={"a": KEY[:-4]}), id="short key"),
        pytest.param(key_text(keys={"a": f"{KEY[:-2]}t="}), id="spare bits"),
        pytest.param(key_text(keys={"a": 4711}), id="number for a key"),
        pytest.param('{"primary":"a","keys":{"a":"canary-4711","a":""}}', id="id twice"),
    ],
)
def test_unfit_key_text_is_refused_without_an_echo(text):
    with pytest.raises(KeyringError) as refused:
        ring_from_text(text)

    said = f"{refused.value!r} {refused.value.__context__!r}"
    assert "anary" not in said
    assert str(refused.value).endswith(".")

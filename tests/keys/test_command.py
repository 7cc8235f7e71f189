"""``manage.py keys``: the whole life of a key, and what is refused on the way."""

import stat
from pathlib import Path
from typing import Any

import pytest

from tenants.broker.sealing import secret_open
from tenants.keys.counts import sealed_counts
from tenants.models import KeyCanary, SealedSecret
from tenants.vault.errors import KeyringError
from tenants.vault.keyring import KEY_ID
from tenants.vault.ringfile import ring_load
from tenants.vault.secret import Secret
from tests.keys.commanding import keys, on_record
from tests.keys.conftest import Keep


def test_a_key_is_added_rotated_to_and_retired(keep: Keep, key_file: Path) -> None:
    credentials = [keep(f"secret {number}") for number in range(5)]

    said = [
        keys("add", "--id", "new"),
        keys("rotate", "--to", "new", "--batch", "2"),
        keys("verify"),
        keys("retire", "old"),
        keys("retire", "old", "--delete"),
    ]

    assert [code for code, _ in said] == [0] * 5
    assert sealed_counts() == {"new": 5}
    assert [secret_open(each) for each in credentials] == [Secret(f"secret {n}") for n in range(5)]
    assert '"old"' not in key_file.read_text()
    assert KeyCanary.objects.get().key_id == "new"


def test_every_act_leaves_a_trace_of_counts_and_ids(keep: Keep) -> None:
    keep("s")
    keys("add", "--id", "new")
    keys("rotate", "--to", "new")
    keys("retire", "old")

    told = on_record()

    assert [event.pop("login") != "" for event in told] == [True] * 7
    assert told == [
        {"action": "keys.changing", "key": "new", "wanted": "keys.added"},
        {"action": "keys.added", "key": "new"},
        {"action": "keys.changing", "key": "new", "wanted": "keys.led"},
        {"action": "keys.led", "key": "new"},
        {"action": "keys.rewrapped", "to": "new", "moved": 1, "lost": 0, "broken": 0},
        {"action": "keys.changing", "key": "old", "wanted": "keys.retired"},
        {"action": "keys.retired", "key": "old"},
    ]


def test_a_dry_run_says_what_would_move_and_moves_nothing(keep: Keep, key_file: Path) -> None:
    keep("s")
    keys("add", "--id", "new")
    before = key_file.read_text()

    said = keys("rotate", "--to", "new", "--dry-run")

    assert said == (0, "1 value of 1 would move to new.\n")
    assert sealed_counts() == {"old": 1}
    assert key_file.read_text() == before


def test_a_new_data_key_replaces_the_whole_value(keep: Keep) -> None:
    credential = keep("s")
    before = SealedSecret.objects.get().sealed

    said = keys("rewrap", "--reencrypt")

    after = SealedSecret.objects.get().sealed
    assert said.code == 0
    assert before[-20:] != after[-20:]
    assert secret_open(credential) == Secret("s")


def test_a_rewrap_leaves_the_ciphertext_as_it_is(keep: Keep) -> None:
    keep("s")
    before = SealedSecret.objects.get().sealed
    keys("add", "--id", "new")

    keys("rotate", "--to", "new")

    assert SealedSecret.objects.get().sealed[-20:] == before[-20:]


@pytest.mark.parametrize("words", [("retire", "old"), ("retire", "old", "--delete")])
def test_a_key_in_use_is_not_retired(keep: Keep, key_file: Path, words: tuple[str, ...]) -> None:
    keep("s")
    before = key_file.read_text()

    said = keys(*words)

    assert said.code == 1
    assert "old holds 1 value." in said.out
    assert key_file.read_text() == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(("init",), "There is a key file", id="init again"),
        pytest.param(("add", "--id", "old"), "There is a key old already", id="same id"),
        pytest.param(("rotate", "--to", "gone"), "There is no key gone", id="rotate to nothing"),
        pytest.param(("retire", "gone"), "There is no key gone", id="retire nothing"),
        pytest.param(("retire", "old"), "is the primary key", id="retire the primary"),
        pytest.param(("retire", "old", "--delete"), "is not retired", id="delete the primary"),
    ],
)
@pytest.mark.django_db
def test_what_cannot_be_done_is_one_sentence(
    key_file: Path, words: tuple[str, ...], told: str
) -> None:
    before = key_file.read_text()

    said = keys(*words)

    assert said.code == 1
    assert told in said.out
    assert key_file.read_text() == before
    assert on_record() == []


def test_a_retired_key_opens_nothing_and_cannot_lead(keep: Keep) -> None:
    credential = keep("s")
    stolen = SealedSecret.objects.get().sealed
    keys("add", "--id", "new")
    keys("rotate", "--to", "new")
    keys("retire", "old")

    SealedSecret.objects.update(sealed=stolen)

    with pytest.raises(KeyringError, match="sealed under old"):
        secret_open(credential)
    assert keys("rotate", "--to", "old").code == 1


def test_a_backup_from_before_opens_while_the_old_key_is_kept(keep: Keep) -> None:
    credential = keep("s")
    backup = SealedSecret.objects.get().sealed
    keys("add", "--id", "new")
    keys("rotate", "--to", "new")

    SealedSecret.objects.update(sealed=backup)

    assert secret_open(credential) == Secret("s")
    assert keys("rewrap").out == "1 value moved to new.\n"


def test_values_that_do_not_open_are_named_and_all_others_move(keep: Keep) -> None:
    broken, whole = keep("broken"), keep("whole")
    sealed = SealedSecret.objects.get(owner_id=whole.pk).sealed
    SealedSecret.objects.filter(owner_id=broken.pk).update(sealed=sealed)
    keys("add", "--id", "new")

    moved, verified = keys("rotate", "--to", "new"), keys("verify")

    assert moved.code == verified.code == 3
    assert "1 value moved to new.\n1 value did not open" in moved.out
    assert f"does not open (authentication failed): tenant {broken.tenant_id}" in verified.out
    assert "Opened: 1 value. Broken: 1." in verified.out
    assert secret_open(whole) == Secret("whole")


def test_the_list_shows_ids_roles_and_counts_and_nothing_of_a_key(
    keep: Keep, key_file: Path
) -> None:
    keep("s")
    keys("add", "--id", "new")
    SealedSecret.objects.update(sealed="okv1:gone:AAAA")

    lines = [line.split() for line in keys("list").out.splitlines()]

    assert lines == [
        ["old", "local", "primary", "0", "values"],
        ["new", "local", "opens", "0", "values"],
        ["gone", "missing", "1", "value"],
    ]


def test_a_first_key_file_is_made_without_a_database(settings: Any, tmp_path: Path) -> None:
    settings.KEYRING_FILE = tmp_path / "keyring.json"

    said = keys("init")

    assert said.code == 0
    assert KEY_ID.fullmatch(ring_load(settings.KEYRING_FILE).primary)
    assert "Back it up" in said.out


def test_a_first_key_file_makes_its_folder_which_nobody_else_enters(
    settings: Any, tmp_path: Path
) -> None:
    settings.KEYRING_FILE = tmp_path / "home" / "keys" / "keyring.json"

    said = keys("init")

    assert said.code == 0
    assert stat.S_IMODE(settings.KEYRING_FILE.parent.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_one_sentence(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    settings.KEYRING_FILE = tmp_path / "home" / "keyring.json"

    said = keys("init")

    assert said.code == 1
    assert said.out.startswith(f"The folder {tmp_path / 'home'} cannot be made: ")


def test_keys_out_of_the_environment_are_changed_where_they_are_set(
    settings: Any, key_file: Path
) -> None:
    settings.KEYRING_TEXT = key_file.read_text()

    said = keys("add")

    assert said.code == 1
    assert "KEYRING_TEXT" in said.out


@pytest.mark.parametrize(
    "words",
    [
        pytest.param((), id="nothing"),
        pytest.param(("burn",), id="no such act"),
        pytest.param(("add", "--id", "Ä b"), id="no id"),
        pytest.param(("rewrap", "--batch", "0"), id="no batch"),
        pytest.param(("rotate",), id="to what"),
    ],
)
def test_what_is_no_command_is_said_before_anything_is_done(words: tuple[str, ...]) -> None:
    assert keys(*words).code == 1  # as a process it ends with 2


def test_counts_stay_right_beside_values_that_are_none_of_ours(keep: Keep) -> None:
    for sealed in ("", "okv1", "okv1:", "okv1:old", "plain text", "okv1:other:AAAA"):
        keep("s")
        newest = SealedSecret.objects.latest("created_at")
        SealedSecret.objects.filter(pk=newest.pk).update(sealed=sealed)
    keep("s")

    counts = sealed_counts()

    assert (counts["old"], counts["other"], sum(counts.values())) == (1, 1, 7)

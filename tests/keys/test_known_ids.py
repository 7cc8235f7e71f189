"""An id belongs to the key that values were sealed with under it, whichever machine is asked."""

from pathlib import Path

import pytest

from tenants.broker.sealing import secret_open
from tenants.keys.counts import sealed_counts
from tenants.keys.rewrapping import rewrap_all
from tenants.keys.ring import keyring
from tenants.models import Credential
from tenants.vault.keyfile import replace_key_file
from tenants.vault.ringfile import ring_edit
from tenants.vault.ringtext import RingText, random_text
from tenants.vault.secret import Secret
from tests.key_services import kms_spec, new_kms_key
from tests.keys.commanding import keys, on_record
from tests.keys.conftest import Keep


@pytest.fixture
def lost(keep: Keep, key_file: Path) -> Credential:
    """A secret under the key ``old``, which is not in the key file any more."""
    credential = keep("s")
    replace_key_file(key_file, str(RingText.around("here", random_text())))
    return credential


def test_a_new_key_does_not_take_the_id_of_a_lost_one(lost: Credential, key_file: Path) -> None:
    before = key_file.read_text()

    said = keys("add", "--id", "old")

    assert said.code == 1
    assert "Values were sealed under another key of the id old" in said.out
    assert key_file.read_text() == before
    assert on_record() == []


def test_a_key_that_was_lost_is_added_again_where_it_is_the_same(
    keep: Keep, key_file: Path, aws_account: None, kms_url: str
) -> None:
    spec = kms_spec(kms_url, new_kms_key(kms_url))
    told = [word for name in spec.keys() - {"kind"} for word in ("--set", f"{name}={spec[name]}")]
    add = ("add", "--id", "in-kms", "--kind", "aws-kms", *told)
    keys(*add)
    keys("rotate", "--to", "in-kms")
    credential = keep("s")
    replace_key_file(key_file, str(RingText.around("here", random_text())))

    said = keys(*add)

    assert said.code == 0, said.out
    assert secret_open(credential) == Secret("s")


@pytest.mark.parametrize("words", [("rotate", "--to", "new"), ("rewrap",)], ids=" ".join)
def test_where_two_operators_made_a_key_of_one_id_the_second_moves_nothing(
    keep: Keep, key_file: Path, words: tuple[str, ...]
) -> None:
    kept = {keep(secret): secret for secret in ("first", "second")}
    other = RingText.parse(key_file.read_text()).adding("new", random_text())
    ring_edit(key_file, lambda text: text.adding("new", random_text()).led_by("new"))
    next(rewrap_all(keyring(), login="the first", size=1))
    ours = key_file.read_text()
    theirs = str(other if "rotate" in words else other.led_by("new"))
    replace_key_file(key_file, theirs)

    said = keys(*words)

    assert said.code == 1
    assert "Values were sealed under another key of the id new" in said.out
    assert key_file.read_text() == theirs
    assert sealed_counts() == {"new": 1, "old": 1}
    replace_key_file(key_file, ours)
    assert [secret_open(credential) for credential in kept] == [Secret(s) for s in kept.values()]

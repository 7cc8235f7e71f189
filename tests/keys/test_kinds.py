"""Secrets move from one kind of key to any other by the same command."""

from pathlib import Path

import pytest

from tenants.broker.sealing import secret_open
from tenants.broker.service import forget_configuration
from tenants.connections.invitations import tenant_create
from tenants.connections.submissions import connection_submit
from tenants.keys.counts import sealed_counts
from tenants.keys.ring import keyring
from tenants.models import SealedSecret, User
from tenants.runs.queue import run_cancel
from tenants.vault.errors import KeyringError
from tenants.vault.ringfile import ring_load
from tenants.vault.secret import Secret
from tests.key_services import kms_spec, new_kms_key, transit_spec
from tests.keys.commanding import keys, on_record
from tests.keys.conftest import Keep
from tests.transit_double import TransitDouble


@pytest.fixture
def kinds(
    key_file: Path, aws_account: None, kms_url: str, transit: TransitDouble, token_file: Path
) -> dict[str, list[str]]:
    """Key id to what ``keys add`` is told of such a key."""
    return {
        "in-two-halves": ["--kind", "hpke"],
        "in-kms": _told(kms_spec(kms_url, new_kms_key(kms_url))),
        "in-vault": _told(transit_spec(transit.url, "one", token_file)),
        "here-again": [],
    }


def _told(spec: dict[str, str]) -> list[str]:
    words = ["--kind", spec.pop("kind")]
    return words + [word for pair in spec.items() for word in ("--set", "=".join(pair))]


def test_a_secret_goes_round_all_kinds_of_keys(keep: Keep, kinds: dict[str, list[str]]) -> None:
    credential = keep("s")

    for key_id, told in kinds.items():
        added = keys("add", "--id", key_id, *told)
        moved = keys("rotate", "--to", key_id)

        assert (added.code, moved.code) == (0, 0), added.out + moved.out
        assert sealed_counts() == {key_id: 1}
        assert secret_open(credential) == Secret("s")
    assert [keys("verify").code, keys("retire", "in-kms").code] == [0, 0]
    assert [line.split()[:3] for line in keys("list").out.splitlines()] == [
        ["old", "local", "opens"],
        ["in-two-halves", "hpke", "opens"],
        ["in-kms", "aws-kms", "retired"],
        ["in-vault", "vault-transit", "opens"],
        ["here-again", "local", "primary"],
    ]


def test_a_key_that_does_not_work_is_not_added(
    keep: Keep, key_file: Path, kinds: dict[str, list[str]], token_file: Path
) -> None:
    before = key_file.read_text()
    token_file.write_text("of somebody else")

    said = keys("add", "--id", "new", *kinds["in-vault"])

    assert said.code == 4
    assert "Vault: HTTP 403" in said.out
    assert key_file.read_text() == before
    assert on_record() == []


def test_a_service_that_goes_away_in_between_ends_the_move_where_it_is(
    keep: Keep, kinds: dict[str, list[str]], transit: TransitDouble
) -> None:
    for number in range(3):
        keep(f"secret {number}")
    keys("add", "--id", "new", *kinds["in-vault"])
    keys("rotate", "--to", "new", "--batch", "1")
    keys("add", "--id", "newer")
    transit.answers = (503, b'{"errors": ["Vault is sealed"]}')

    stopped = keys("rotate", "--to", "newer")
    transit.answers = None
    finished = keys("rewrap")

    assert stopped.code == 4
    assert "Vault: HTTP 503" in stopped.out
    assert finished.out == "3 values moved to newer.\n"


def test_the_public_half_seals_and_opens_nothing(
    keep: Keep, key_file: Path, settings: object, tmp_path: Path
) -> None:
    before = keep("before")
    keys("add", "--id", "pair", "--kind", "hpke")
    keys("rotate", "--to", "pair")
    whole, half = key_file, tmp_path / "web.json"

    said = keys("public", str(half))

    assert said.code == 0
    assert not ring_load(half).opens
    settings.KEYRING_FILE = half
    forget_configuration()
    after = keep("after")
    for credential in (before, after):
        with pytest.raises(KeyringError, match="public half"):
            secret_open(credential)
    with pytest.raises(KeyringError, match="cannot ask for tokens"):
        keyring().derive("token-cache")
    settings.KEYRING_FILE = whole
    forget_configuration()
    assert secret_open(after) == Secret("after")
    assert SealedSecret.objects.count() == 2


def test_nothing_private_is_in_the_public_file(keep: Keep, key_file: Path, tmp_path: Path) -> None:
    keys("add", "--id", "pair", "--kind", "hpke")
    keys("rotate", "--to", "pair")
    keys("public", str(tmp_path / "web.json"))

    text = (tmp_path / "web.json").read_text()

    assert [word for word in ("private", "caches", "old") if word in text] == []


def test_a_local_key_has_no_public_half(keep: Keep, tmp_path: Path) -> None:
    said = keys("public", str(tmp_path / "web.json"))

    assert said.code == 1
    assert "no public half" in said.out
    assert not (tmp_path / "web.json").exists()


def test_a_ring_may_begin_with_any_kind(settings: object, tmp_path: Path) -> None:
    settings.KEYRING_FILE = tmp_path / "first.json"

    said = keys("init", "--kind", "hpke", "--id", "pair")

    assert said.code == 0
    assert ring_load(tmp_path / "first.json").primary == "pair"


def test_a_proof_is_cancelled_where_nothing_can_be_opened(
    keep: Keep,
    key_file: Path,
    settings: object,
    tmp_path: Path,
    operator: User,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: object,
) -> None:
    keys("add", "--id", "pair", "--kind", "hpke")
    keys("rotate", "--to", "pair")
    keys("public", str(tmp_path / "web.json"))
    settings.KEYRING_FILE = tmp_path / "web.json"
    forget_configuration()
    tenant = tenant_create(name="Acme", contact_email="it@acme.example", actor=operator)[0]
    proof = connection_submit(
        tenant=tenant,
        host="acme.okta.com",
        client_id="0oa1",
        client_secret=Secret("s"),
        via="setup link",
    )
    caplog.clear()

    with django_capture_on_commit_callbacks(execute=True):
        run_cancel(run=proof, actor=operator)

    assert not SealedSecret.objects.exists()
    assert caplog.records == []

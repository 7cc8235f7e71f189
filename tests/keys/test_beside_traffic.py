"""Values move while customers renew theirs, and while whoever moves them is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from tenants.broker.sealing import secret_destroy, secret_open, secret_seal
from tenants.keys import rewrapping
from tenants.keys.counts import sealed_counts
from tenants.keys.rewrapping import rewrap_all
from tenants.keys.ring import keyring
from tenants.models import AuditEvent, SealedSecret
from tenants.vault.errors import KeyringError
from tenants.vault.ringfile import ring_edit
from tenants.vault.ringtext import random_text
from tenants.vault.secret import Secret
from tests.keys.conftest import Keep

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60


@pytest.fixture
def new_primary(key_file: Path) -> None:
    ring_edit(key_file, lambda text: text.adding("new", random_text()).led_by("new"))


@pytest.mark.django_db
def test_a_secret_renewed_meanwhile_stays_the_customers(
    keep: Keep, new_primary: None, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring_edit(key_file, lambda text: text.led_by("old"))
    renewed, other = keep("before"), keep("other")
    ring_edit(key_file, lambda text: text.led_by("new"))
    real_rewrap = rewrapping.rewrap

    def renew_meanwhile(*args: object, **place: object) -> str:
        if place["row"] == renewed.pk and secret_open(renewed) == Secret("before"):
            secret_destroy(renewed)
            secret_seal(renewed, Secret("after")).save()
        return real_rewrap(*args, **place)

    monkeypatch.setattr(rewrapping, "rewrap", renew_meanwhile)

    batches = list(rewrap_all(keyring(), login="op"))

    assert sum(batch.lost for batch in batches) == 1
    assert secret_open(renewed) == Secret("after")
    assert secret_open(other) == Secret("other")
    assert sealed_counts() == {"new": 2}


@pytest.mark.django_db
def test_what_is_sealed_under_the_old_key_behind_our_back_moves_too(
    keep: Keep, key_file: Path, new_primary: None
) -> None:
    ring_edit(key_file, lambda text: text.led_by("old"))
    keep("first")
    ring_edit(key_file, lambda text: text.led_by("new"))
    ring = keyring()

    for batch in rewrap_all(ring, login="op"):
        if batch.moved and SealedSecret.objects.count() == 1:
            ring_edit(key_file, lambda text: text.led_by("old"))
            keep("by a process that has not heard yet")
            ring_edit(key_file, lambda text: text.led_by("new"))

    assert sealed_counts() == {"new": 2}


@pytest.mark.django_db
def test_a_move_ends_where_another_one_to_another_key_begins(
    keep: Keep, key_file: Path, new_primary: None
) -> None:
    ring_edit(key_file, lambda text: text.led_by("old"))
    keep("first")
    keep("second")
    ring_edit(key_file, lambda text: text.adding("newer", random_text()).led_by("new"))
    batches = rewrap_all(keyring(), login="op", size=1)
    next(batches)

    ring_edit(key_file, lambda text: text.led_by("newer"))
    list(rewrap_all(keyring(), login="another"))
    with pytest.raises(KeyringError, match="newer is the primary key now"):
        list(batches)

    assert sealed_counts() == {"newer": 2}


@pytest.fixture
def many(keep: Keep, key_file: Path) -> int:
    """Enough values for a process to be killed among them, and a new primary key for them."""
    count = 300
    for number in range(count):
        keep(f"secret {number}")
    ring_edit(key_file, lambda text: text.adding("new", random_text()))
    return count


def rotate(key_file: Path) -> "subprocess.Popen[str]":
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        url = f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/"
        url += str(database["NAME"])
    return subprocess.Popen(
        [sys.executable, "manage.py", "keys", "rotate", "--to", "new", "--batch", "1"],
        cwd=PROJECT,
        env=os.environ | {"KEYRING_FILE": str(key_file), "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.django_db(transaction=True)
def test_a_killed_rotation_is_finished_by_the_next_one(many: int, key_file: Path) -> None:
    killed = rotate(key_file)
    deadline = time.monotonic() + PATIENCE_S
    while sealed_counts().get("new", 0) < 10:
        assert killed.poll() is None, killed.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    halfway = sealed_counts()

    finished = rotate(key_file)
    out, _ = finished.communicate(timeout=PATIENCE_S)

    assert 10 <= halfway["new"] < many
    assert finished.returncode == 0
    assert f"{halfway['old']} values moved to new." in out
    assert sealed_counts() == {"new": many}
    moves = AuditEvent.objects.filter(action="keys.rewrapped").values_list("detail", flat=True)
    assert sum(detail["moved"] for detail in moves) == many

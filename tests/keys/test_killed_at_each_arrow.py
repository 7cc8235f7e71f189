"""Whoever changes the key may die between any two steps: no secret is lost, and the same commands,
given again, bring it to its end."""

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tenants.broker.sealing import secret_open
from tenants.broker.service import forget_configuration
from tenants.keys.counts import sealed_counts
from tenants.vault.ringtext import RingText
from tenants.vault.secret import Secret
from tests.keys.commanding import keys, on_record
from tests.keys.conftest import Keep

LIFE_OF_A_KEY = (
    ("add", "--id", "new"),
    ("rotate", "--to", "new", "--batch", "2"),
    ("verify",),
    ("retire", "old"),
    ("retire", "old", "--delete"),
)

#: Each is on record, also where only its file was still to be replaced.
CHANGES = {"keys.added", "keys.led", "keys.retired", "keys.deleted"}

#: From the trace to the file, from the file to the values, from batch to batch, and out again.
ARROWS = (
    "tenants.keys.changes.key_prove",
    "tenants.keys.changes.ring_edit",
    "tenants.keys.changes.forget_keyring",
    "tenants.vault.ringfile.replace_key_file",
    "tenants.vault.keyfile._sync_folder",
    "tenants.management.commands.keys.key_lead",
    "tenants.keys.rewrapping.canary_ensure",
    "tenants.keys.rewrapping.rewrap",
    "tenants.keys.rewrapping._swap",
    "tenants.keys.rewrapping._record",
    "tenants.keys.rewrapping._move",
    "tenants.management.commands.keys.key_retire",
    "tenants.management.commands.keys.key_delete",
)


class Killed(BaseException):
    """Nobody catches it; what was not committed is rolled back, as when a process is gone."""


@contextmanager
def killing(step: str, *, after: bool, nth: int) -> Iterator[None]:
    """End at the ``nth`` time that this step is reached, or is done."""
    module, _, name = step.rpartition(".")
    real, reached = getattr(importlib.import_module(module), name), 0

    def deadly(*args: Any, **kwargs: Any) -> Any:
        nonlocal reached
        reached += 1
        if reached == nth and not after:
            raise Killed
        answer = real(*args, **kwargs)
        if reached == nth:
            raise Killed
        return answer

    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(step, deadly)
        yield


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ARROWS)
def test_the_change_of_a_key_ends_well_wherever_it_was_cut_off(
    keep: Keep, key_file: Path, step: str, after: bool, nth: int
) -> None:
    kept = {keep(secret): Secret(secret) for secret in ("first", "second", "third")}

    for words in LIFE_OF_A_KEY:
        with killing(step, after=after, nth=nth), suppress(Killed):
            keys(*words)
        forget_configuration()
        assert all(secret_open(each) == secret for each, secret in kept.items()), words
        keys(*words)

    text = RingText.parse(key_file.read_text())
    assert (text.primary, list(text.keys), text.retired) == ("new", ["new"], ())
    assert sealed_counts() == {"new": 3}
    assert os.listdir(key_file.parent) == [key_file.name]
    assert keys("verify").code == 0
    told = on_record()
    assert sum(event["moved"] for event in told if "moved" in event) == 3
    assert {event["wanted"] for event in told if "wanted" in event} == CHANGES


@pytest.mark.parametrize("step", ARROWS)
def test_every_arrow_is_on_the_way(keep: Keep, step: str) -> None:
    keep("first")

    with pytest.raises(Killed), killing(step, after=False, nth=1):
        _live_a_keys_life()


def _live_a_keys_life() -> None:
    for words in LIFE_OF_A_KEY:
        keys(*words)

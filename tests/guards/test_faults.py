"""Every fault of the matrix is shown by something that runs, and the guide tells the same."""

import re
from pathlib import Path

import pytest

from tests.faults.matrix import MATRIX, table
from tests.faults.row import ROWS
from tests.faults.rows import load_rows

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guides" / "faults.md"


def test_every_row_belongs_to_one_fault_and_every_fault_is_shown() -> None:
    load_rows()

    named = [name for fault in MATRIX for name in fault.rows]

    assert sorted(named) == sorted(ROWS)
    assert all(fault.rows or fault.tests for fault in MATRIX)
    assert not {fault.name for fault in MATRIX if fault.tests} & ROWS.keys()


@pytest.mark.parametrize("test", sorted({test for fault in MATRIX for test in fault.tests}))
def test_every_test_that_shows_a_fault_is_there(test: str) -> None:
    file, _, name = test.partition("::")

    assert f"\ndef {name}(" in (ROOT / file).read_text()


def test_the_guide_has_the_table_of_the_matrix() -> None:
    assert table() in GUIDE.read_text(), "python -m tests.faults.matrix prints it as it is now"


def test_every_row_says_what_is_done_and_what_is_expected() -> None:
    load_rows()

    assert all(": " in row.told and row.told.endswith(".") for row in ROWS.values())


def test_every_promise_is_shown_by_what_there_is() -> None:
    load_rows()
    _, _, promises = GUIDE.read_text().partition("## What is promised")
    shown = ROWS.keys() | {fault.name for fault in MATRIX if fault.tests}

    named = set(re.findall(r"`([a-z-]+)`", promises))

    assert len(re.findall(r"^\| R\d+ \|", promises, re.MULTILINE)) == 12
    assert named
    assert named <= shown

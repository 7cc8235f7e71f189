"""`make test` asks for nothing that only other commands install: it may be the first one given."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
_LEFT_OUT = {"browser", "conformance"}
#: What these two rooms import, as if it were not there.
_WITHOUT = """
import sys
sys.modules.update(dict.fromkeys(["okta", "openapi_schema_validator", "playwright"]))
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


def test_rooms_that_this_run_has_no_use_for_are_not_even_imported() -> None:
    others = {each.name for each in TESTS.iterdir() if each.is_dir()} - _LEFT_OUT
    only = [f"--ignore={TESTS / name}" for name in sorted(others)]

    collected = subprocess.run(
        [sys.executable, "-c", _WITHOUT, str(TESTS), "--collect-only", "--quiet", *only],
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert collected.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, collected.stdout

from pathlib import Path

from tenants.okta.operations import FAMILIES, OPERATIONS
from tools.reference import PAGE, page, problems

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_has_a_row_for_every_operation():
    lines = page(FAMILIES).splitlines()

    rows = [line.split("|")[1].strip(" `") for line in lines if line.startswith("| `")]
    assert rows == list(OPERATIONS)


def test_a_row_says_what_one_looks_up():
    lines = page(FAMILIES).splitlines()

    assert (
        "| `listApplications` | GET | `/api/v1/apps` | `okta.apps.read` | read | 200 |  |" in lines
    )
    assert "| `revoke` | POST | `/oauth2/v1/revoke` |  | delete |  |  |" in lines
    assert "`updateApplication`" in next(line for line in lines if "`replaceApplication`" in line)


def test_the_page_in_the_project_is_current():
    assert problems(ROOT) == []


def test_a_page_that_is_missing_or_old_is_told(tmp_path):
    missing = problems(tmp_path)
    (tmp_path / PAGE).parent.mkdir(parents=True)
    (tmp_path / PAGE).write_text("# Okta operations\n")

    assert missing == problems(tmp_path)
    assert "python -m tools.reference" in missing[0]

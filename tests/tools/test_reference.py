from pathlib import Path

import pytest

from tenants.okta.operations import FAMILIES, OPERATIONS
from tools.reference import PAGE, page, problems

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_has_a_row_for_every_operation():
    lines = page(FAMILIES).splitlines()

    rows = [line.split("|")[1].strip(" `") for line in lines if line.startswith("| `")]
    assert rows == list(OPERATIONS)


def row_of(name: str) -> str:
    return next(line for line in page(FAMILIES).splitlines() if line.startswith(f"| `{name}`"))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("listApplications", "| read | apps | 200 |  | JSON |  |  |"),
        ("revoke", "|  | delete | other |  | form |  | repeatable |  |"),
        ("createOAuth2ClientSecret", "| create | apps |  | JSON | JSON | secret |"),
        ("publishCsrFromApplication", "| certificate | JSON |  |  |"),
        ("getCsrForApplication", "| JSON, `application/pkcs10` |"),
        ("previewSAMLmetadataForApplication", "| XML | needs `kid` |"),
        ("replaceApplication", "| repeatable | `updateApplication` |"),
    ],
)
def test_a_row_says_what_one_looks_up(name: str, told: str) -> None:
    assert told in row_of(name)


def test_the_page_in_the_project_is_current():
    assert problems(ROOT) == []


def test_a_page_that_is_missing_or_old_is_told(tmp_path):
    missing = problems(tmp_path)
    (tmp_path / PAGE).parent.mkdir(parents=True)
    (tmp_path / PAGE).write_text("# Okta operations\n")

    assert missing == problems(tmp_path)
    assert "python -m tools.reference" in missing[0]

"""The README's table names every setting and no other; from it one comes to every page."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"\]\(([^)#:]+\.md)")
_READ = re.compile(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"')


def test_the_table_of_settings_is_complete() -> None:
    read = set(_READ.findall((ROOT / "oin_service" / "settings.py").read_text()))
    readme = (ROOT / "README.md").read_text()
    table = readme.partition("## Configuration")[2].partition("## Going live")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}

    assert read
    assert told == read


def test_every_page_is_linked_from_the_readme_or_from_an_index_there() -> None:
    indexes = [ROOT / "README.md", *sorted(ROOT.glob("docs/*/README.md"))]
    linked = {
        (index.parent / link).resolve()
        for index in indexes
        for link in _LINK.findall(index.read_text())
    }

    assert linked.issuperset(ROOT.glob("docs/**/*.md"))
    assert [link for link in linked if not link.is_file()] == []

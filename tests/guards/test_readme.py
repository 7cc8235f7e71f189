"""The README's table names every setting, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_READ = re.compile(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"')


def test_the_table_of_settings_is_complete() -> None:
    read = set(_READ.findall((ROOT / "oin_service" / "settings.py").read_text()))
    readme = (ROOT / "README.md").read_text()
    table = readme.partition("## Configuration")[2].partition("## Going live")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}

    assert read
    assert told == read

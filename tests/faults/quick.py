"""Runs the fast tests that the matrix names, and tells of each fault what became of them."""

import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from tests.faults.events import BROKEN, HELD, Line, Plan, tell
from tests.faults.matrix import MATRIX, Fault

ROOT = Path(__file__).resolve().parents[2]

#: By node id without its parameters: seconds and outcome of each case.
Cases = dict[str, list[tuple[float, bool]]]


def main() -> None:
    faults = [fault for fault in MATRIX if fault.tests and _is_wanted(fault, sys.argv[1:])]
    tell(Plan(len(faults)))
    with tempfile.TemporaryDirectory(prefix="oin-faults-") as folder:
        cases = run({test for fault in faults for test in fault.tests}, Path(folder))
    for fault in faults:
        tell(_line(fault, cases))


def _is_wanted(fault: Fault, names: list[str]) -> bool:
    return not names or fault.name in names


def run(tests: Iterable[str], folder: Path) -> Cases:
    """Run exactly these, in one process; what went wrong is told on stderr."""
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("FAULTS")}
    told = subprocess.run(
        [*command, f"--junitxml={report}", *sorted(tests)],
        cwd=ROOT,
        env=env | {"TEST_DATABASE": "sqlite"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if told.returncode:
        sys.stderr.write(told.stdout[-5000:])
    return _read(report) if report.exists() else {}


def _read(report: Path) -> Cases:
    cases: Cases = defaultdict(list)
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314  (pytest has just written it)
        file = case.get("classname", "").replace(".", "/") + ".py"
        name = case.get("name", "").partition("[")[0]
        cases[f"{file}::{name}"].append((float(case.get("time", 0)), len(case) == 0))
    return cases


def _line(fault: Fault, cases: Cases) -> Line:
    wrong = [test for test in fault.tests if not cases.get(test)]
    seconds, count = 0.0, 0
    for test in fault.tests:
        for took_s, passed in cases.get(test, ()):
            seconds += took_s
            count += 1
            if not passed:
                wrong.append(test)
    seen = f"[{count} cases of {', '.join(fault.tests)}]"
    if wrong:
        seen += f" BUT [not passed: {', '.join(dict.fromkeys(wrong))}]"
    return Line(fault.name, BROKEN if wrong else HELD, seconds, fault.holds, seen)


if __name__ == "__main__":
    main()

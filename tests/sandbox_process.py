"""The sandbox as a process of its own, so that its time and memory are not counted as ours."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tenants.sandbox.control import Control

HOST = "acme.okta.com"

_ROOT = Path(__file__).resolve().parents[1]
_START_WITHIN_S = 60


@contextmanager
def sandbox_process(*, apps: int) -> Iterator[Control]:
    """One org at `HOST`, whose rate limits nobody reaches.

    Raises:
        TimeoutError: it did not start.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "manage.py", "sandbox", f"--directory={folder}"]
        process = subprocess.Popen(
            [*command, f"--org={HOST}={apps}"], cwd=_ROOT, stdout=subprocess.DEVNULL
        )
        try:
            control = _await_control(Path(folder) / "credentials.json")
            control.do(HOST, "rate_limit", bucket="/api/v1/apps", limit=1_000_000)
            yield control
        finally:
            process.terminate()
            process.wait()


def _await_control(file: Path) -> Control:
    until = time.monotonic() + _START_WITHIN_S
    while not file.exists():
        if time.monotonic() > until:
            raise TimeoutError("The sandbox did not start.")
        time.sleep(0.05)
    return Control(file)

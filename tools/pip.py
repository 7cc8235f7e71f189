"""pip, with every package checked against its hash, nothing compiled and nothing kept outside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tools.refusal import Refusal

#: A person's own settings that would send the packages somewhere else.
UNWANTED = {"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_NO_BINARY", "PIP_ONLY_BINARY"}

NO_NETWORK = re.compile(
    "connection broken|Failed to establish|timed out|Temporary failure|ProxyError|SSLError"
)
NO_PACKAGE = re.compile(r"No matching distribution found for ([\w.-]+)")

WHOLE_PIP = """
import importlib.metadata, sys
files = importlib.metadata.files("pip") or []
sys.exit(not files or not all(file.locate().exists() for file in files))
"""

VERIFIED = ("--require-hashes", "--no-deps")
READY_MADE = ("--only-binary", ":all:")


def works(python: Path) -> bool:
    """Whether this Python starts and has a whole pip: being cut off can leave half of one."""
    try:
        done = subprocess.run([python, "-I", "-c", WHOLE_PIP], capture_output=True)
    except OSError:
        return False
    return done.returncode == 0


def install(python: Path, lock: Path, *options: str) -> None:
    """Install the pins of a lock.

    Raises:
        Refusal: a package is not to be had ready-made, the index is out of reach, …
    """
    run(python, "install", *VERIFIED, *READY_MADE, *options, "-r", str(lock))


def run(python: Path, *arguments: str) -> None:
    """Run one pip command; its output is shown only as the sentence it boils down to."""
    quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir"]
    environment = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    command = [str(python), "-I", "-m", "pip", arguments[0], *quiet, *arguments[1:]]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise Refusal(explain(done.stderr))


def explain(errors: str) -> str:
    """Boil what pip wrote to stderr down to one sentence."""
    missing = NO_PACKAGE.search(errors)
    if NO_NETWORK.search(errors):
        return "The package index cannot be reached. Check the network, a proxy or pip's settings."
    if missing:
        machine = f"{sys.platform} with Python {sys.version_info[0]}.{sys.version_info[1]}"
        return (
            f"There is no ready-made package of {missing.group(1)} for {machine}, and nothing is"
            " compiled here. Try another Python from 3.11 on: make demo PYTHON=python3.12"
        )
    if "DO NOT MATCH THE HASHES" in errors:
        return "A downloaded package is not the one that was locked (its hash differs). Stopped."
    if "No space left" in errors:
        return "The disk is full. The installation needs about 500 MB."
    reasons = [line for line in errors.splitlines() if line.startswith("ERROR")]
    return f"pip could not install the packages. {(reasons or ['No reason given'])[-1]}"

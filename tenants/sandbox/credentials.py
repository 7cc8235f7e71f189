"""The file that tells other processes where the sandbox is and how to connect to its orgs."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from tenants.sandbox.control import describe_org
from tenants.sandbox.server import Sandbox


def write_credentials(sandbox: Sandbox, file: Path) -> None:
    """Write everything at once, for the owner alone: whoever sees the file may use the sandbox.

    Raises:
        OSError: the folder cannot be written.
    """
    content = {
        "port": sandbox.port,
        "ca_bundle": sandbox.ca_bundle,
        "control": {"port": sandbox.control_port, "key": sandbox.control_key},
        "orgs": [describe_org(org) for org in sandbox.orgs.values()],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(content, stream, indent=2)
    draft.replace(file)


@contextmanager
def own(directory: Path) -> Iterator[None]:
    """Keep other sandboxes out of a folder, since each has an authority and credentials of its own.

    Raises:
        ValueError: another one is there.
        OSError: the folder cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)  # goes with the process, however that ends
        except BlockingIOError:
            other = f"another one runs in {directory}; give this one a --directory of its own."
            raise ValueError(other) from None
        yield

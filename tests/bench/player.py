"""Playing a benchmark in a process of its own: Django has one database for as long as it lives."""

import json
import subprocess
import sys
from typing import Any

from oin_service.stack import BASE


def play(module: str, *arguments: object) -> Any:
    """What ``python -m module`` prints as JSON in its last line."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=BASE, text=True, start_new_session=True
    ) as player:
        try:
            said, _ = player.communicate()
        except BaseException:
            player.terminate()  # it ends what it has started
            raise
    if player.returncode:
        sys.exit(f"{module} ended with code {player.returncode}.")
    return json.loads(said.splitlines()[-1])

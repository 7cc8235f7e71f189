"""One process of the fleet, which can be killed, frozen and started again."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from oin_service.processes import Processes
from oin_service.stack import BASE

#: Write down our process id and become the command: between it and us stands a tether.
_SIGN = "import os, sys; open(sys.argv[1], 'w').write(str(os.getpid())); "
_SIGN += "os.execv(sys.argv[2], sys.argv[2:])"
_GONE_WITHIN_S = 60.0


class Member:
    """Lives in a process group of its own, whose number is its process id."""

    def __init__(
        self,
        home: Path,
        name: str,
        command: Sequence[str | Path],
        env: Mapping[str, str],
        ready: Callable[[], bool] | None = None,
    ) -> None:
        self.name = name
        self.log = home / "logs" / f"{name}.log"
        self.command = command
        self.ready = ready
        self._signed = home / f"{name}.pid"
        self._processes = Processes(home, env, cwd=BASE)
        self._frozen = False

    @property
    def pid(self) -> int:
        return int(self._signed.read_text())

    @property
    def is_alive(self) -> bool:
        """Frozen is alive, too."""
        try:
            os.kill(self.pid, 0)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return False
        return True

    def start(self) -> None:
        """Also after it was killed. Raises ChildError when it does not come up."""
        self._processes.stop()
        self._signed.unlink(missing_ok=True)
        command = [sys.executable, "-I", "-S", "-c", _SIGN, self._signed, *self.command]
        self._processes.start(self.name, command, ready=self._is_ready)

    def kill(self) -> None:
        """Kill it with all that it started, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._processes.stop()

    def freeze(self) -> None:
        os.killpg(self.pid, signal.SIGSTOP)
        self._frozen = True

    def thaw(self) -> None:
        if self._frozen:
            os.killpg(self.pid, signal.SIGCONT)
        self._frozen = False

    def terminate(self) -> float:
        """Ask it to end as a deploy does; returns the seconds that it took."""
        began = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        while self.is_alive and time.monotonic() - began < _GONE_WITHIN_S:
            time.sleep(0.05)
        return time.monotonic() - began

    def end(self) -> None:
        """However it is: leave nothing of it. Safe to call again."""
        if self.is_alive:
            self.kill()
        self._processes.stop()
        self._frozen = False

    def _is_ready(self) -> bool:
        return self._signed.exists() and (self.ready is None or self.ready())

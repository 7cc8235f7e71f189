"""Run one command for as long as the other end of our standard input is held open.

Started by ``oin_service.processes`` as a plain script: ``tether.py GRACE_S COMMAND…``. Whether the
supervisor stops in good order, crashes or is killed outright, the operating system closes its end
of the pipe, and that alone ends the command. So there is one way to stop, and it leaves no orphan.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

# The number a shell reports for a command that ended by a signal is this plus the signal.
SIGNAL_BASE = 128


def main(grace_s: float, command: list[str]) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Its own process group: Ctrl-C in the terminal is for the supervisor, not for the command.
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    threading.Thread(target=_stop_when_alone, args=(child, grace_s), daemon=True).start()
    code = child.wait()
    _kill_group(child.pid)  # whatever the command left behind
    return SIGNAL_BASE - code if code < 0 else code


def _stop_when_alone(child: subprocess.Popen[bytes], grace_s: float) -> None:
    while os.read(sys.stdin.fileno(), 64):
        pass
    child.terminate()
    # We are a daemon thread, and so is this timer: neither keeps us once the command has ended.
    threading.Timer(grace_s, _kill_group, [child.pid]).start()


def _kill_group(group: int) -> None:
    # macOS says "not permitted" for a group of which only a zombie is left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))

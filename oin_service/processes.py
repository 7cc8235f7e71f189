"""A supervisor for the processes of one machine: start, watch, start again, stop, and never leave
an orphan."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import BinaryIO, Self

TETHER = Path(__file__).with_name("tether.py")
STOP_GRACE_S = 10.0
POLL_S = 0.05
LAST_LINES = 15
#: Seconds before a child that ended is started again, each time in a row; then it is given up.
PAUSES_S = (1.0, 2.0, 4.0, 8.0, 16.0)
#: A child that lived for so long has not ended "again".
STEADY_S = 60.0


class ChildError(Exception):
    """A child process is of no use any more; ``str()`` says which, and ends with its log."""

    def __init__(self, name: str, what: str, log: Path) -> None:
        self.name = name
        written = log.read_text(errors="replace") if log.exists() else ""
        self.last_lines = written.splitlines()[-LAST_LINES:]
        super().__init__("\n".join([f"{name} {what}. The end of {log}:", *self.last_lines]))


class ChildDied(ChildError):
    """It ended although nobody asked it to."""


class ChildNotReady(ChildError):
    """It runs, but it did not answer in time."""


@dataclass
class _Child:
    argv: Sequence[str | Path]
    env: Mapping[str, str]
    lasting: bool
    process: subprocess.Popen[bytes]
    #: Seconds of the monotonic clock: its last start, and its next, once it has ended.
    began: float
    begins_again: float | None = None
    #: Ends in a row, each soon after a start.
    ends: int = 0


class Processes:
    """Child processes that end with this object, or with this process, however it ends.

    Each child writes to ``<home>/logs/<name>.log``; the log of the start before is kept as ``.1``.
    """

    def __init__(
        self,
        home: Path,
        env: Mapping[str, str] | None = None,
        *,
        cwd: Path | None = None,
        grace_s: float = STOP_GRACE_S,
    ) -> None:
        """``env`` and ``cwd`` of the children are ours unless given; ``grace_s`` is how long a
        child may take to end before it is killed.
        """
        self._env = dict(os.environ if env is None else env)
        self._cwd = cwd
        self._grace_s = grace_s
        self._logs = home / "logs"
        self._children: dict[str, _Child] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        ready: Callable[[], bool] | None = None,
        timeout_s: float = 30.0,
        lasting: bool = False,
    ) -> None:
        """Start a child and wait until ``ready()`` is true.

        ``lasting``: once it is ready, ``mend`` starts it again when it ends.

        Raises:
            ChildDied: it ended before it was ready.
            ChildNotReady: ``timeout_s`` seconds were not enough.
        """
        process = self._spawn(name, argv, env or {})
        self._children[name] = _Child(argv, env or {}, False, process, time.monotonic())
        if ready is not None:
            self._wait_until(ready, name, timeout_s)
        self._children[name].lasting = lasting

    def run(
        self, name: str, argv: Sequence[str | Path], *, env: Mapping[str, str] | None = None
    ) -> None:
        """Run a child to its end.

        Raises:
            ChildDied: it ended with a code other than 0.
        """
        child = self._spawn(name, argv, env or {})
        try:
            if code := child.wait():
                raise ChildDied(name, f"ended with code {code}", self._log(name))
        finally:
            _let_go(child)

    def check(self) -> None:
        """Raise ``ChildDied`` if any child has ended."""
        for name, child in self._children.items():
            if (code := child.process.poll()) is not None:
                raise ChildDied(name, f"ended with code {code}", self._log(name))

    def mend(self) -> list[str]:
        """Start lasting children again that have ended, after a pause that grows with each time.

        To be called again and again; nothing is waited for here.

        Returns:
            What there is to tell, a sentence for each end.

        Raises:
            ChildDied: another child has ended, or a lasting one did soon after each of its starts.
        """
        found = [self._mend(name, child) for name, child in self._children.items()]
        return [sentence for sentence in found if sentence]

    def _mend(self, name: str, child: _Child) -> str:
        if child.begins_again is None:
            code = child.process.poll()
            return "" if code is None else self._ended(name, child, f"ended with code {code}")
        if time.monotonic() < child.begins_again:
            return ""
        child.began = time.monotonic()
        try:
            child.process = self._spawn(name, child.argv, child.env)
        except OSError as error:  # no memory, or no room for its log: both may come back
            return self._ended(name, child, f"did not start ({error.strerror})")
        child.begins_again = None
        return ""

    def _ended(self, name: str, child: _Child, how: str) -> str:
        now = time.monotonic()
        child.ends = child.ends + 1 if now - child.began < STEADY_S else 1
        if not child.lasting or child.ends > len(PAUSES_S):
            times = f", for the {child.ends}th time in a row" if child.lasting else ""
            raise ChildDied(name, f"{how}{times}", self._log(name))
        _let_go(child.process)
        pause_s = PAUSES_S[child.ends - 1]
        child.begins_again = now + pause_s
        why = self._log(name).with_suffix(".log.1")
        return f"{name} {how}; it starts again in {pause_s:g} s. See {why}"

    def stop(self) -> None:
        """End all children, the last started first. Safe to call again.

        Letting go of a child's pipe makes its tether terminate it, and kill it after the grace. If
        we are interrupted here, all pipes close with this process and the rest ends by itself.
        """
        while self._children:
            _let_go(self._children.popitem()[1].process)

    def _spawn(
        self, name: str, argv: Sequence[str | Path], env: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        with self._open_log(name) as log:
            return subprocess.Popen(
                # -I and -S: the tether needs only the standard library, and so starts at once.
                [sys.executable, "-I", "-S", TETHER, str(self._grace_s), *argv],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._env | dict(env),
                cwd=self._cwd,
                start_new_session=True,
            )

    def _wait_until(self, ready: Callable[[], bool], name: str, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise ChildNotReady(name, f"was not ready in {timeout_s:g} s", self._log(name))
            time.sleep(POLL_S)

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _open_log(self, name: str) -> BinaryIO:
        self._logs.mkdir(parents=True, exist_ok=True)
        log = self._log(name)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        return log.open("wb")


def _let_go(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None:
        child.stdin.close()
    child.wait()


def end_on_signals() -> None:
    """Make SIGTERM and a closed terminal end this process as Ctrl-C does, with all clean-up.

    SIGINT too: a shell that starts us in the background of a script lets us ignore it.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _raise_interrupt)


def _raise_interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt

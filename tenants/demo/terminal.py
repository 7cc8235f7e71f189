"""What the demo prints: numbered chapters, and bars that move where there is a screen."""

import time
from collections.abc import Callable
from typing import TextIO

_WIDTH = 24


class Terminal:
    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._live = out.isatty()
        self._began = time.monotonic()
        self._shown = 0

    def chapter(self, title: str) -> None:
        self._settle()
        self._print(f"{self.seconds:5.1f} s  {title}")

    def note(self, text: str) -> None:
        self._settle()
        self._print(f"         {text}")

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def follow(self, lines: Callable[[], list[str]]) -> None:
        """Show lines in place of those shown last; without a screen, nothing: results follow."""
        if not self._live:
            return
        drawn = lines()
        if self._shown:
            self._out.write(f"\x1b[{self._shown}A")
        self._out.writelines(f"\x1b[2K         {line}\n" for line in drawn)
        self._out.flush()
        self._shown = len(drawn)

    def _settle(self) -> None:
        """What is shown stays; further lines go below it."""
        self._shown = 0

    def _print(self, text: str) -> None:
        self._out.write(f"{text}\n")
        self._out.flush()


def bar(done: int, total: int | None) -> str:
    """A bar of fixed width; without a total it only says how far it came."""
    if not total:
        return f"[{'·' * _WIDTH}] {done}"
    filled = min(_WIDTH, _WIDTH * done // total)
    return f"[{'█' * filled}{'·' * (_WIDTH - filled)}] {done}/{total}"

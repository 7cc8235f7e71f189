"""How far it is, on a terminal; nothing anywhere else."""

from types import TracebackType
from typing import Self

from django.core.management.base import OutputWrapper

WIDTH = 30


class Bar:
    def __init__(self, screen: OutputWrapper, total: int) -> None:
        self._screen = screen if screen.isatty() and total else None
        self._total = total
        self._done = 0
        self._shown = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown >= 0:
            self._write("\n")

    def advance(self, by: int = 1) -> None:
        self._done += by
        filled = min(WIDTH, WIDTH * self._done // max(1, self._total))
        if self._screen and (filled != self._shown or by > 1):
            self._shown = filled
            self._write(f"\r[{'#' * filled:<{WIDTH}}] {self._done} of {self._total} ")

    def _write(self, text: str) -> None:
        if self._screen:
            self._screen.write(text, style_func=str, ending="")
            self._screen.flush()

"""A row of the fault matrix: what is done, what has to hold, and what was seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

#: What a row plays with, and where it writes down what it saw.
Play = Callable[[Any, "Seen"], None]

_EVERYWHERE: Mapping[str, str] = MappingProxyType({})


class InVain(Exception):
    """Something that had to happen did not, for as long as one could wait for it."""


@dataclass
class Seen:
    """Each sentence says what was seen; beside what was wanted, where that was something else."""

    facts: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def exactly(self, what: str, seen: object, wanted: object) -> None:
        told = f"{what} {seen}"
        self._note(told if seen == wanted else f"{told}, not {wanted}", seen == wanted)

    def at_most(self, what: str, seen: float, limit: float, unit: str = "") -> None:
        told = f"{what} {seen:g}{unit} of at most {limit:g}{unit}"
        self._note(told, seen <= limit)

    def within(self, what: str, took_s: float, limit_s: float) -> None:
        self.at_most(what, round(took_s, 1), limit_s, " s")

    def __str__(self) -> str:
        but = f" BUT [{'; '.join(self.wrong)}]" if self.wrong else ""
        return f"[{'; '.join(self.facts)}]{but}"

    def _note(self, told: str, holds: bool) -> None:
        (self.facts if holds else self.wrong).append(told)


@dataclass(frozen=True)
class Row:
    """What a fault is played as.

    Attributes:
        once: the one database it is played on, where the fault lies where none is asked.
        beside: it harms none but its own customers, so that others like it are played meanwhile.
        not_on: databases where there is no such fault, with the reason.
    """

    name: str
    told: str
    play: Play
    once: str = ""
    beside: bool = False
    not_on: Mapping[str, str] = field(default_factory=dict)

    def is_for(self, database: str) -> bool:
        return self.once in ("", database)


#: All rows, in the order in which they were written down.
ROWS: dict[str, Row] = {}


def row(
    *, once: str = "", beside: bool = False, not_on: Mapping[str, str] = _EVERYWHERE
) -> Callable[[Play], Play]:
    """Make a row of a function: its docstring says what is done and what is expected."""

    def enter(play: Play) -> Play:
        name = play.__name__.replace("_", "-")
        told = " ".join((play.__doc__ or "").split())
        ROWS[name] = Row(name, told, play, once, beside, not_on)
        return play

    return enter

"""One measured figure beside its goal."""

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """``told`` is the whole sentence, yardstick included."""

    told: str
    holds: bool

    def __str__(self) -> str:
        return f"{self.told}{'' if self.holds else ': MISSED'}"


def progress(text: str) -> None:
    """Tell whoever waits what is being measured; figures alone go to standard output."""
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()

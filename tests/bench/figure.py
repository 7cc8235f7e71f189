"""One measured figure beside its goal."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """``told`` is the whole sentence, yardstick included."""

    told: str
    holds: bool

    def __str__(self) -> str:
        return f"{self.told}{'' if self.holds else ': MISSED'}"

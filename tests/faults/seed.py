"""Chance that can be repeated: one number for everything, told on the first line."""

import os
from random import Random

SEED = "FAULTS_SEED"


def seed() -> str:
    return os.environ.get(SEED, "0")


def chance(name: str) -> Random:
    """A source of its own for each row, so that playing one alone changes nothing in it."""
    return Random(f"{seed()} {name}")  # noqa: S311  (no secret comes of it)

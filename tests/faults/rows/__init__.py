"""The rows, a module for each part that breaks."""

import importlib

ROOMS = (
    *("okta", "doorbells", "processes", "redis", "databases", "changes", "rotations", "writes"),
    *("crowds", "surroundings", "versions", "soak"),
)


def load_rows() -> None:
    """Fill `tests.faults.row.ROWS`. Rows need Django, which needs its settings."""
    for room in ROOMS:
        importlib.import_module(f"{__name__}.{room}")

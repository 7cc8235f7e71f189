"""How ``manage.py keys`` ends."""

from collections.abc import Mapping
from enum import IntEnum


class Way(IntEnum):
    DONE = 0
    REFUSED = 1
    USAGE = 2
    BROKEN = 3
    UNAVAILABLE = 4
    INTERRUPTED = 130


MEANINGS: Mapping[Way, str] = {
    Way.DONE: "done",
    Way.REFUSED: "refused, or a fault of the database; the sentence says which",
    Way.USAGE: "that is no such command",
    Way.BROKEN: "done, but there are values that do not open",
    Way.UNAVAILABLE: "a key service does not answer; start it again later",
    Way.INTERRUPTED: "interrupted; start it again to go on",
}


def exit_table() -> str:
    return "\n".join(f"  {way:>3}  {meaning}" for way, meaning in MEANINGS.items())

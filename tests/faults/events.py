"""What those who play tell the one who prints: JSON, a line for each."""

import json
import sys
from dataclasses import asdict, dataclass

HELD, BROKEN, NOT_APPLICABLE = "held", "BROKEN", "not applicable"


@dataclass(frozen=True)
class Plan:
    """So many lines are to come."""

    lines: int


@dataclass(frozen=True)
class Line:
    """A row as it was played: what was done and expected (``told``), and what was ``seen``."""

    name: str
    verdict: str
    seconds: float
    told: str
    seen: str


Event = Plan | Line


def tell(event: Event) -> None:
    sys.stdout.write(json.dumps(asdict(event)) + "\n")
    sys.stdout.flush()


def hear(text: str) -> Event:
    told = json.loads(text)
    return Plan(**told) if "lines" in told else Line(**told)

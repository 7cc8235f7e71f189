"""What processes and the machine have used so far. Linux only, as /proc tells it."""

import os
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """Seconds of processor time of a process and of all that it started."""
    return sum(_ticks(each) for each in _family(pid)) / _TICKS_A_SECOND


def machine_s() -> tuple[float, float]:
    """Seconds that the machine's processors were busy, and those that they had."""
    fields = [int(each) for each in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) / _TICKS_A_SECOND, sum(fields) / _TICKS_A_SECOND


def memory_mb(pid: int) -> float:
    """Memory that a process alone takes up, shared parts counted in shares."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith("Pss:"))
    return int(kilobytes) / 1024


def _family(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [each for child in task.read_text().split() for each in _family(int(child))]
    return found


def _ticks(pid: int) -> int:
    """User and system time, with those of children that ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # it has just ended
        return 0
    return sum(int(each) for each in stat.rpartition(")")[2].split()[11:15])

"""Which process holds a run, written so that another one on the same machine can tell if it lives.

A process id alone would not do: ids are used again, other machines and containers have the same
ones. So the mark of an owner names the machine since its last start, the room of process ids it
looks into, the id, and when that process began.
"""

import hashlib
import os
import socket
import uuid
from functools import cache
from pathlib import Path

_PROC = Path("/proc")
#: States of /proc/PID/stat in which nothing runs any more: only the parent has not asked yet.
_OVER = frozenset("ZX")


#: Marks under which this process works no more, although runs may still carry them.
_laid_down: set[str] = set()


def lay_down(mark: str) -> None:
    """We could not give back what we held under ``mark``: let it count as gone."""
    _laid_down.add(mark)


def forget_all_but(marks: set[str]) -> None:
    """``marks`` are those that runs still carry; of the others nobody will ask again."""
    _laid_down.intersection_update(marks)


def new_mark() -> str:
    """A mark of this process, different each time: ``place:pid:began:serial``."""
    return f"{this_process()}:{uuid.uuid4().hex}"


def this_process() -> str:
    pid = os.getpid()
    return f"{this_place()}:{pid}:{_began(pid)}"


def process_of(mark: str) -> str:
    """What ``this_process()`` is to the process that made ``mark``."""
    return mark.rpartition(":")[0]


def this_place() -> str:
    """The host's name, and a digest of what makes its process ids its own."""
    own = hashlib.sha256(f"{_boot_id()} {_id_room()}".encode()).hexdigest()
    return f"{socket.gethostname()[:40].replace(':', '-')}.{own[:12]}"


def is_gone(mark: str) -> bool:
    """Whether nobody works under ``mark`` any more; False where that cannot be told."""
    if mark in _laid_down:
        return True
    place, _, process = mark.partition(":")
    pid, _, rest = process.partition(":")
    if place != this_place() or not pid.isdigit():
        return False
    began = rest.partition(":")[0]
    return not _lives(int(pid)) or (began != "" and _began(int(pid)) != began)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _state(pid) not in _OVER


def _state(pid: int) -> str:
    fields = _fields(pid)
    return fields[0] if fields else ""


def _began(pid: int) -> str:
    """Clock ticks from the machine's start to this process's, '' where no /proc tells."""
    fields = _fields(pid)
    return fields[19] if len(fields) > 19 else ""


def _fields(pid: int) -> list[str]:
    """What stands in /proc/PID/stat behind the name, which may hold spaces and brackets."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


@cache
def _boot_id() -> str:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


@cache
def _id_room() -> str:
    """The namespace of process ids: each container has its own."""
    try:
        return os.readlink(_PROC / "self/ns/pid")
    except OSError:
        return ""

"""Fills an org with the objects in recorded traffic.

A file holds one exchange a line, as JSON: ``path``, ``status`` and ``response_body`` are read, all
else is left alone. Objects are kept as they were recorded, with masked hosts and odd values.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tenants.sandbox.kinds import KINDS
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Refusal
from tenants.sandbox.resolve import resolve
from tenants.sandbox.store import Body, encode

_SERVER = r"/api/v1/authorizationServers/([^/]+)"

#: Which objects a path answers with, listed or single; its groups are the ids of their parents.
_PATHS: dict[str, re.Pattern[str]] = {
    kind: re.compile(pattern)
    for kind, pattern in {
        "app": r"/api/v1/apps(?:/[^/]+)?",
        "authorization_server": r"/api/v1/authorizationServers(?:/[^/]+(?:/associatedServers)?)?",
        "as_policy": _SERVER + r"/policies(?:/[^/]+)?",
        "as_rule": _SERVER + r"/policies/([^/]+)/rules(?:/[^/]+)?",
        "as_scope": _SERVER + r"/scopes(?:/[^/]+)?",
        "as_claim": _SERVER + r"/claims(?:/[^/]+)?",
        "as_key": _SERVER + r"/credentials/(?:keys(?:/[^/]+)?|lifecycle/keyRotate)",
    }.items()
}

_Place = tuple[str, tuple[str, ...]]


@dataclass
class Loaded:
    """What came of a file.

    Attributes:
        counts: objects put into the org, by kind.
        bad_lines: numbers of lines that are not exchanges, with the reason.
        orphans: objects left out because the file does not show what they belong to.
    """

    counts: Counter[str] = field(default_factory=Counter)
    bad_lines: list[tuple[int, str]] = field(default_factory=list)
    orphans: Counter[str] = field(default_factory=Counter)


def load_exchanges(org: Org, file: Path) -> Loaded:
    """Put every app, authorization server and what lies under one into an org.

    The last version of an object wins and deletions in the traffic are ignored. One bad line
    costs that line only.

    Raises:
        OSError: the file cannot be read.
    """
    loaded = Loaded()
    found: dict[_Place, dict[str, Body]] = {}
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                for place, okta_id, body in _read_objects(line):
                    found.setdefault(place, {})[okta_id] = body
            except (ValueError, RecursionError) as exc:
                loaded.bad_lines.append((number, str(exc)))
    _put_all(org, found, loaded)
    return loaded


def _read_objects(line: bytes) -> Iterator[tuple[_Place, str, Body]]:
    exchange: Any = json.loads(line)
    if not isinstance(exchange, dict):
        raise ValueError("not a JSON object")
    path, status = exchange.get("path"), exchange.get("status")
    if not isinstance(path, str) or not isinstance(status, int):
        raise ValueError("no path or no status")
    place = _place_of(path)
    if place is None or not 200 <= status < 300:
        return
    answer = exchange.get("response_body")
    key = KINDS[place[0]].key
    for body in answer if isinstance(answer, list) else [answer]:
        if isinstance(body, dict) and isinstance(body.get(key), str):
            encode(body)  # what cannot be served is a bad line, too
            yield place, body[key], body


def _place_of(path: str) -> _Place | None:
    path = "/" + path.strip("/")
    for kind, pattern in _PATHS.items():
        if match := pattern.fullmatch(path):
            return kind, match.groups()
    return None


def _put_all(org: Org, found: dict[_Place, dict[str, Body]], loaded: Loaded) -> None:
    """Parents first, whatever the order in which the traffic showed them."""
    # A set, because the default server's children are recorded under its alias and its id.
    placed: set[tuple[str, ...]] = set()
    for (kind, path_ids), bodies in sorted(found.items(), key=lambda item: len(item[0][1])):
        try:
            parents = resolve(org, KINDS[kind].parents, path_ids)
        except Refusal:
            loaded.orphans[kind] += len(bodies)
            continue
        for body in bodies.values():
            placed.add((kind, *parents, org.put(kind, body, *parents)))
    loaded.counts.update(kind for kind, *_ in placed)

"""How far a sync has come. All of it lives in the run's checkpoint, so any worker can go on."""

from dataclasses import dataclass
from typing import Any

from tenants.choices import Completeness
from tenants.inventory.kinds import KINDS, ROOT_KINDS, Kind, child_parent
from tenants.okta.errors import OktaError, OktaNotLicensed

#: Raised when the meaning of the checkpoint changes; an older one starts the sync afresh.
VERSION = 3
_COUNTS = ("read", "added", "changed", "revived", "removed", "held", "odd")

#: What a listing that starts again tells once more.
_PER_LISTING = ("read", "odd")

_NOTHING_READ = (Completeness.FAILED, Completeness.UNAVAILABLE)
#: The current listing as it is before its first page.
_UNTOUCHED = {"next": None, "restarted": False, "pages": 0, "read": 0, "odd": 0, "unnamed": False}


@dataclass(frozen=True)
class Listing:
    """One listing still to be read, or in the middle of it."""

    kind: Kind
    parent: str
    next: str | None
    restarted: bool


class Progress:
    def __init__(self, checkpoint: dict[str, Any]) -> None:
        fresh = checkpoint.get("version") != VERSION
        self._state: dict[str, Any] = _fresh() if fresh else checkpoint

    @property
    def checkpoint(self) -> dict[str, Any]:
        return self._state

    @property
    def kinds(self) -> dict[str, dict[str, Any]]:
        kinds: dict[str, dict[str, Any]] = self._state["kinds"]
        return kinds

    @property
    def done_count(self) -> int:
        return int(self._state["done"])

    @property
    def total_count(self) -> int:
        return self.done_count + len(self._state["todo"])

    def current(self) -> Listing | None:
        """The listing to go on with; None when all are done."""
        if not self._state["todo"]:
            return None
        name, parent = self._state["todo"][0]
        return Listing(KINDS[name], parent, self._state["next"], self._state["restarted"])

    def count(self, kind: Kind, **counts: int) -> None:
        told = self.kinds[kind.name]
        for name, number in counts.items():
            told[name] += number
        for name in _PER_LISTING:
            self._state[name] += counts.get(name, 0)
        if told["read"] and told["completeness"] in _NOTHING_READ:
            told["completeness"] = Completeness.PARTIAL

    @property
    def pages(self) -> int:
        """Pages of the current listing before the one in hand."""
        return int(self._state["pages"])

    @property
    def has_unnamed(self) -> bool:
        """Whether the current listing has something that cannot be told from anything else."""
        return bool(self._state["unnamed"])

    def note_unnamed(self) -> None:
        self._state["unnamed"] = True

    @property
    def worked(self) -> int:
        """The version of the credential that read the last page, 0 before the first."""
        return int(self._state["worked"])

    def note_worked(self, version: int) -> None:
        self._state["worked"] = version

    def go_on(self, next_page: str) -> None:
        self._state["next"] = next_page
        self._state["pages"] += 1

    def start_again(self) -> None:
        told = self.kinds[self._state["todo"][0][0]]
        for name in _PER_LISTING:
            told[name] -= self._state[name]
        self._state |= {**_UNTOUCHED, "restarted": True}

    def finish(self) -> None:
        """The current listing is done with, well or badly."""
        self._state["todo"].pop(0)
        self._state["done"] += 1
        self._state |= _UNTOUCHED

    def add_children(self, kind: Kind, parent: str, okta_ids: list[str]) -> None:
        waiting = {(name, below) for name, below in self._state["todo"]}
        for okta_id in okta_ids:
            below = child_parent(parent, okta_id)
            new = (child.name for child in kind.children if (child.name, below) not in waiting)
            self._state["todo"] += [[name, below] for name in new]

    def fail(self, listing: Listing, error: OktaError) -> None:
        """Note that a listing, and with it all it would have led to, could not be read."""
        scope = error.missing_scope
        reason = f"Missing scope: {scope}" if scope else str(error)
        licensed = not isinstance(error, OktaNotLicensed)
        self._lose(listing.kind, listing.parent, error.code, reason[:300], licensed=licensed)

    def abandon(self, code: str) -> None:
        """Note that the run ends for this reason before its listings do."""
        for name, parent in self._state["todo"]:
            self._lose(KINDS[name], parent, code, "The run ended before.", licensed=True)

    def hold(self, listing: Listing, gone: list[str]) -> None:
        """Note that these are missing from a listing, and that a human must agree first.

        They stay in the mirror, and what belongs to them was not read this time.
        """
        told = self.kinds[listing.kind.name]
        told["held"] += len(gone)
        told["completeness"], told["reason_code"] = Completeness.PARTIAL, "shrink_held"
        told["reason"] = (
            f"{len(gone)} of them are missing from Okta's list; nothing was removed yet."
        )
        for okta_id in gone:
            self._lose_inside(listing.kind, child_parent(listing.parent, okta_id), "shrink_held")

    def _lose(self, kind: Kind, parent: str, code: str, reason: str, *, licensed: bool) -> None:
        told = self.kinds[kind.name]
        told["unread"].append(parent)
        told["reason_code"], told["reason"] = code, reason
        told["completeness"] = _left(told, licensed=licensed)
        for child in kind.children:
            self._lose(child, parent, code, reason, licensed=licensed)

    def _lose_inside(self, kind: Kind, parent: str, code: str) -> None:
        for child in kind.children:
            self._lose(child, parent, code, "What it belongs to is missing.", licensed=True)


def _left(told: dict[str, Any], *, licensed: bool) -> Completeness:
    """What a kind comes to when one more of its listings is lost."""
    if told["read"]:
        return Completeness.PARTIAL
    if licensed or told["completeness"] == Completeness.FAILED:
        return Completeness.FAILED
    return Completeness.UNAVAILABLE


def _fresh() -> dict[str, Any]:
    return {
        "version": VERSION,
        "todo": [[kind.name, ""] for kind in ROOT_KINDS],
        **_UNTOUCHED,
        "worked": 0,
        "done": 0,
        "kinds": {
            name: {
                **dict.fromkeys(_COUNTS, 0),
                "completeness": Completeness.COMPLETE,
                "reason_code": "",
                "reason": "",
                "unread": [],
            }
            for name in KINDS
        },
    }

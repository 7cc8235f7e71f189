"""How far a sync has come. All of it lives in the run's checkpoint, so any worker can go on."""

from dataclasses import dataclass
from typing import Any

from tenants.choices import Completeness
from tenants.inventory.kinds import KINDS, ROOT_KINDS, Kind, child_parent
from tenants.okta.errors import OktaError, OktaNotLicensed

#: Raised when the meaning of the checkpoint changes; an older one starts the sync afresh.
VERSION = 1
_COUNTS = ("read", "added", "changed", "revived", "removed", "held", "odd")


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
        if told["read"] and told["completeness"] == Completeness.FAILED:
            told["completeness"] = Completeness.PARTIAL

    def go_on(self, next_page: str) -> None:
        self._state["next"] = next_page

    def start_again(self) -> None:
        self._state["next"], self._state["restarted"] = None, True

    def finish(self) -> None:
        """The current listing is done with, well or badly."""
        self._state["todo"].pop(0)
        self._state["done"] += 1
        self._state["next"], self._state["restarted"] = None, False

    def add_children(self, kind: Kind, parent: str, okta_ids: list[str]) -> None:
        waiting = self._state["todo"]
        for okta_id in okta_ids:
            listings = ([child.name, child_parent(parent, okta_id)] for child in kind.children)
            waiting += [listing for listing in listings if listing not in waiting]

    def fail(self, listing: Listing, error: OktaError) -> None:
        """Note that a listing, and with it all it would have led to, could not be read."""
        self._mark(listing.kind, listing.parent, error)
        for child in listing.kind.children:
            self.fail(Listing(child, listing.parent, None, restarted=False), error)

    def hold(self, listing: Listing, gone: int) -> None:
        """Note that so much is missing from a listing that a human must agree first."""
        self.count(listing.kind, held=gone)
        told = self.kinds[listing.kind.name]
        told["completeness"] = Completeness.PARTIAL
        told["reason_code"] = "shrink_held"
        told["reason"] = f"{gone} of them are missing from Okta's list; nothing was removed yet."

    def _mark(self, kind: Kind, parent: str, error: OktaError) -> None:
        told = self.kinds[kind.name]
        told["unread"].append(parent)
        told["reason_code"], told["reason"] = error.code, str(error)[:300]
        if error.missing_scope:
            told["reason"] = f"Missing scope: {error.missing_scope}"
        if isinstance(error, OktaNotLicensed):
            told["completeness"] = Completeness.UNAVAILABLE
        else:
            told["completeness"] = Completeness.PARTIAL if told["read"] else Completeness.FAILED


def _fresh() -> dict[str, Any]:
    return {
        "version": VERSION,
        "todo": [[kind.name, ""] for kind in ROOT_KINDS],
        "next": None,
        "restarted": False,
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

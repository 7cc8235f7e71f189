"""What clients changed in an org, whether or not they were told so."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One change.

    Attributes:
        number: counts from 1 in each org.
        at: Unix seconds.
        operation: its name in the catalogue.
        ids: those in the path, percent-decoded.
        created: id of the new object, where the answer shows one.
        digest: SHA-256 of the request's body, in hex.
        client_id: whose token it was; empty where the operation takes no token.
    """

    number: int
    at: float
    operation: str
    method: str
    path: str
    ids: tuple[str, ...]
    created: str
    digest: str
    client_id: str


class Ledger:
    """Keeps every change for as long as the org lives: a witness that forgets proves nothing."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._created_at: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    def record(self, entry: Entry) -> None:
        self._entries.append(entry)
        if entry.created:
            self._created_at[entry.created] = entry.at

    def since(self, number: int) -> list[Entry]:
        """The changes after the one with this number; all of them after 0."""
        return self._entries[max(number, 0) :]

    def of(self, operation: str) -> list[Entry]:
        """The changes that one operation made."""
        return [entry for entry in self if entry.operation == operation]

    def created_at(self, okta_id: str) -> float | None:
        """When a client made this object, None if none did."""
        return self._created_at.get(okta_id)

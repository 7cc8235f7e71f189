"""The access tokens an org has issued."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class IssuedToken:
    """``issued_at`` and ``expires_at`` are Unix seconds."""

    id: str
    scopes: frozenset[str]
    client_id: str
    issued_at: float
    expires_at: float


class Tokens:
    """Tokens by their value, until they run out, are revoked, or go with their client."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._issued: dict[str, IssuedToken] = {}

    def issue(self, client_id: str, scopes: frozenset[str], lifetime_s: int) -> str:
        value, now = secrets.token_urlsafe(64), self._clock()
        token_id = "AT." + secrets.token_urlsafe(32)
        self._issued[value] = IssuedToken(token_id, scopes, client_id, now, now + lifetime_s)
        return value

    def find(self, value: str) -> IssuedToken | None:
        """The token, if it is still good."""
        token = self._issued.get(value)
        return token if token and token.expires_at > self._clock() else None

    def values(self) -> list[str]:
        """Every token that was issued and not taken away, good or run out."""
        return list(self._issued)

    def revoke(self, value: str, client_id: str) -> None:
        """End a token of this client; one of another client, or none at all, is left alone."""
        token = self._issued.get(value)
        if token and token.client_id == client_id:
            del self._issued[value]

    def revoke_client(self, client_id: str) -> None:
        self._issued = {
            value: token for value, token in self._issued.items() if token.client_id != client_id
        }

    def clear(self) -> None:
        self._issued.clear()

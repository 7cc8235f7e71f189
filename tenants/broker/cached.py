"""A token and how much of its life is left to be handed out.

All moments are seconds of this process's own monotonic clock: a wall clock that is wrong, or is
set right, makes no token older or younger.
"""

from dataclasses import dataclass, field

from tenants.okta.oauth import AccessToken

#: A token is retired this early, or at a tenth of its life if that is more: a slice that starts
#: with it must be able to end with it.
MARGIN_S = 120.0
MARGIN_SHARE = 0.1
#: From this part of its useful life on, one caller fetches the next token while all others go on
#: with this one: at the end of a life nobody has to wait.
AHEAD_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class CachedToken:
    """``life_s`` is the whole life as Okta granted it; ``sealed`` is how the token was found in
    Redis, empty where it was not found there yet."""

    token: AccessToken
    life_s: float
    use_until: float
    renew_at: float
    sealed: bytes = field(default=b"", repr=False)


def cached(token: AccessToken, now: float) -> CachedToken:
    """A token as it comes from Okta."""
    life_s = token.expires_at - now
    return _cached(token, life_s, token.expires_at - _margin_s(life_s))


def found(
    value: str, scopes: frozenset[str], life_s: float, use_until: float, sealed: bytes
) -> CachedToken:
    """A token as some process left it in Redis."""
    token = AccessToken(value, scopes, use_until + _margin_s(life_s))
    return _cached(token, life_s, use_until, sealed)


def useful_s(life_s: float) -> float:
    """For how long a new token of this life is handed out."""
    return life_s - _margin_s(life_s)


def _cached(
    token: AccessToken, life_s: float, use_until: float, sealed: bytes = b""
) -> CachedToken:
    renew_at = use_until - useful_s(life_s) * (1 - AHEAD_SHARE)
    return CachedToken(token, life_s, use_until, renew_at, sealed)


def _margin_s(life_s: float) -> float:
    return max(MARGIN_S, life_s * MARGIN_SHARE)

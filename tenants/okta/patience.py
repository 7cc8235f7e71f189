"""How often one call may be repeated, and after which pause."""

import secrets

from tenants.okta.errors import OktaAuthError, OktaError

#: Waits longer than this are the caller's: a worker has other things to do.
LONGEST_SLEEP_S = 10.0
NEW_TOKENS = 1
TOLD_WAITS = 1
REPEATS = 2
FIRST_BACKOFF_S = 0.5

_random = secrets.SystemRandom()


class Patience:
    """What is left of it for one call. Nothing that may have changed the org is ever repeated:
    such an error is not ``retryable``, and comes back at once."""

    def __init__(self) -> None:
        self._new_tokens = NEW_TOKENS
        self._told_waits = TOLD_WAITS
        self._repeats = REPEATS
        self._backoff_s = FIRST_BACKOFF_S

    def pause_after(self, error: OktaError) -> float | None:
        """Seconds before the next try, None when there shall be none."""
        if isinstance(error, OktaAuthError):
            self._new_tokens -= 1
            return 0.0 if self._new_tokens >= 0 else None
        if not error.retryable:
            return None
        return self._backoff() if error.retry_after is None else self._as_told(error.retry_after)

    def _as_told(self, wait_s: float) -> float | None:
        self._told_waits -= 1
        return wait_s if self._told_waits >= 0 and wait_s <= LONGEST_SLEEP_S else None

    def _backoff(self) -> float | None:
        if self._repeats == 0:
            return None
        self._repeats -= 1
        pause = _random.uniform(0, self._backoff_s)
        self._backoff_s *= 2
        return pause

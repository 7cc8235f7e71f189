"""Rate limits as Okta counts them: per org and bucket, in windows of 60 seconds."""

from collections.abc import Callable
from dataclasses import dataclass

from tenants.sandbox.replies import Headers, okta_error

WINDOW_S = 60

APPS = "/api/v1/apps"
ONE_APP = "/api/v1/apps/{id}"
API = "/api/v1"
TOKEN = "/oauth2/v1/token"  # noqa: S105 - the name of a bucket
ROOT = "/"

#: Requests a minute, of the size last published for workforce orgs.
DEFAULT_LIMITS = {APPS: 100, ONE_APP: 500, API: 1200, TOKEN: 150, ROOT: 1200}


@dataclass
class _Window:
    opened_at: float
    used: int = 0


class RateLimits:
    """Counts requests. ``limits`` may be changed at any time; 0 looks like a concurrency limit."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.limits = dict(DEFAULT_LIMITS)
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def count(self, bucket: str) -> Headers:
        """Count one request; returns the three headers of its answer.

        Raises:
            Refusal: 429, with the same headers and nothing remaining.
        """
        window = self._open_window(bucket)
        window.used += 1
        limit = self.limits[bucket]
        headers = [
            ("x-rate-limit-limit", str(limit)),
            ("x-rate-limit-remaining", str(max(0, limit - window.used))),
            ("x-rate-limit-reset", str(int(window.opened_at) + WINDOW_S)),
        ]
        if window.used > limit:
            summary = "API call exceeded rate limit due to too many requests."
            raise okta_error(429, "E0000047", summary, headers=headers)
        return headers

    def reset(self) -> None:
        """Start every window afresh."""
        self._windows.clear()

    def _open_window(self, bucket: str) -> _Window:
        now = self._clock()
        window = self._windows.get(bucket)
        if window is None or now >= int(window.opened_at) + WINDOW_S:
            window = self._windows[bucket] = _Window(opened_at=now)
        return window

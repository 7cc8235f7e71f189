"""Rate limits as Okta counts them: per org and bucket, in windows of 60 seconds."""

from collections.abc import Callable
from dataclasses import dataclass

from tenants.sandbox.delivery import Headers
from tenants.sandbox.modes import HeaderStyle
from tenants.sandbox.replies import Refusal, okta_error

WINDOW_S = 60

_SUMMARY = "API call exceeded rate limit due to too many requests."

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

    def count(self, bucket: str, style: HeaderStyle = "plain") -> Headers:
        """Count one request; returns the rate-limit headers of its answer.

        Raises:
            Refusal: 429, with the same headers and nothing remaining.
        """
        window = self._open_window(bucket)
        window.used += 1
        whole = self.limits[bucket]
        limits = (whole, whole // 2) if style == "doubled" else (whole,)
        reset_at = int(window.opened_at) + WINDOW_S
        headers = [
            line for limit in limits for line in _lines(limit, limit - window.used, reset_at)
        ]
        shown = [] if style == "none" else headers
        if window.used > min(limits):
            raise okta_error(429, "E0000047", _SUMMARY, headers=shown)
        return shown

    def reset(self) -> None:
        """Start every window afresh."""
        self._windows.clear()

    def _open_window(self, bucket: str) -> _Window:
        now = self._clock()
        window = self._windows.get(bucket)
        if window is None or now >= int(window.opened_at) + WINDOW_S:
            window = self._windows[bucket] = _Window(opened_at=now)
        return window


@dataclass
class InFlight:
    """Counts the requests that arrived and are not answered to the last byte."""

    count: int = 0

    def __enter__(self) -> None:
        self.count += 1

    def __exit__(self, *_: object) -> None:
        self.count -= 1


def refuse_concurrent(now: float) -> Refusal:
    """The other 429: it names no limit, and suggests to wait for a minute.

    Source: Okta's guide to rate limits, "concurrency".
    """
    headers = _lines(0, 0, int(now) + WINDOW_S)
    return okta_error(429, "E0000047", _SUMMARY, headers=headers)


def _lines(limit: int, remaining: int, reset_at: int) -> Headers:
    return [
        ("x-rate-limit-limit", str(limit)),
        ("x-rate-limit-remaining", str(max(0, remaining))),
        ("x-rate-limit-reset", str(reset_at)),
    ]

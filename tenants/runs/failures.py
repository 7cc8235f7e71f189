"""May this be tried again, and when?"""

from dataclasses import dataclass
from random import SystemRandom

from tenants.broker.tokens import BrokerBusy
from tenants.okta.errors import OktaError
from tenants.vault.errors import SealError, SealUnavailable

LONGEST_PAUSE_S = 3600.0
_random = SystemRandom()

#: What a run may end on without it being our bug.
EXPECTED = (OktaError, BrokerBusy, SealError, SealUnavailable)


@dataclass(frozen=True)
class Pause:
    """Try again in ``seconds``; ``counts`` when this uses up patience."""

    seconds: float
    reason: str
    counts: bool


@dataclass(frozen=True)
class GiveUp:
    code: str
    detail: str


def decide(
    error: Exception, *, failures: int, patience: int, first_pause_s: float
) -> Pause | GiveUp:
    """What to do about an expected error after ``failures`` earlier ones without progress."""
    code = getattr(error, "code", "")
    if isinstance(error, SealError):
        return GiveUp("seal_broken", "The stored secret could not be opened with our keys.")
    if isinstance(error, SealUnavailable):
        return Pause(30.0, "our key service", counts=False)
    if isinstance(error, BrokerBusy):
        return Pause(
            _random.uniform(1, 3), "another worker asking for the same token", counts=False
        )
    if code == "rate_limited":
        return Pause(getattr(error, "retry_after", None) or 30.0, "Okta's rate limit", counts=False)
    if not getattr(error, "retryable", False) or failures >= patience:
        return GiveUp(code or "internal", str(error)[:500])
    return Pause(_backoff(first_pause_s, failures), f"a new try ({str(error)[:120]})", counts=True)


def _backoff(first_pause_s: float, failures: int) -> float:
    """Full jitter, so that tenants which failed together do not come back together."""
    ceiling = min(LONGEST_PAUSE_S, first_pause_s * 2**failures)
    return max(1.0, _random.uniform(ceiling / 4, ceiling))

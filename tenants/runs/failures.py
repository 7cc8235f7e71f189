"""May this be tried again, and when?"""

from dataclasses import dataclass
from random import SystemRandom

from django.db import InterfaceError, InternalError, OperationalError

from tenants.broker.tokens import BrokerBusy
from tenants.okta.errors import OktaError, OktaRateLimited, OktaReadOnly
from tenants.runs.breakers import REST, Luck
from tenants.runs.context import WorkerEnds
from tenants.runs.handlers import Handler, Later
from tenants.vault.errors import KeyringError, SealError, SealUnavailable

#: The database is away, full, or takes no writes (which is an InternalError in PostgreSQL).
DATABASE_TROUBLE = (OperationalError, InterfaceError, InternalError)

LONGEST_PAUSE_S = 3600.0
_random = SystemRandom()

#: What a run may end on without it being our bug.
EXPECTED = (OktaError, BrokerBusy, SealError, SealUnavailable, KeyringError, Later)


@dataclass(frozen=True)
class Pause:
    """Try again in ``seconds``; ``counts`` when this uses up patience.

    ``is_ours``: the run has nothing to do with it, so it may last as long as it likes.
    """

    seconds: float
    reason: str
    counts: bool
    is_ours: bool = False


@dataclass(frozen=True)
class GiveUp:
    code: str
    detail: str


def decide(
    error: Exception, handler: Handler, luck: Luck, *, failures: int, waited_s: float
) -> Pause | GiveUp:
    """What to do about an expected error.

    ``failures`` are the earlier ones without progress, ``waited_s`` the seconds that the run has
    spent waiting since it began.
    """
    if isinstance(error, SealError):
        return GiveUp("seal_broken", f"The stored secret does not open with our keys ({error}).")
    if isinstance(error, SealUnavailable):
        return Pause(_random.uniform(15, 30), "our key service", counts=False, is_ours=True)
    if isinstance(error, KeyringError):  # whoever runs us will notice, and no run is to blame
        seconds = _random.uniform(15, 30)
        return Pause(seconds, "our keys, which are missing here", counts=False, is_ours=True)
    if pause := _wait_for(error) or _leave_alone(handler, luck, failures):
        goes_on = pause.is_ours or waited_s < handler.longest_wait_s
        return pause if goes_on else _worn_out(error, pause, waited_s)
    if not getattr(error, "retryable", False) or failures >= handler.patience:
        return GiveUp(getattr(error, "code", "") or "internal", _detail(error))
    seconds = _backoff(handler.first_pause_s, failures)
    return Pause(seconds, f"a new try ({str(error)[:120]})", counts=True)


def _wait_for(error: Exception) -> Pause | None:
    """The pause for what is only busy, which is nobody's failure."""
    if isinstance(error, Later):
        return Pause(error.seconds, str(error), counts=False)
    if isinstance(error, WorkerEnds):
        return Pause(1.0, "a worker that goes on", counts=False, is_ours=True)
    if isinstance(error, BrokerBusy):
        seconds = _random.uniform(1, 3)
        return Pause(seconds, "another worker asking for the same token", counts=False)
    if isinstance(error, OktaRateLimited):
        whose = "Okta's rate limit" if error.status else "our share of Okta's rate limit"
        return Pause(error.retry_after or 30.0, whose, counts=False)
    if isinstance(error, OktaReadOnly):
        return Pause(error.retry_after or 60.0, "the end of Okta's read-only mode", counts=False)
    return None


def _leave_alone(handler: Handler, luck: Luck, failures: int) -> Pause | None:
    if luck.shut_s:
        return Pause(luck.shut_s, REST, counts=False)
    if luck.is_ours:
        seconds = _backoff(handler.first_pause_s, failures)
        reason = "our own way out: many orgs do not answer"
        return Pause(seconds, reason, counts=False, is_ours=True)
    return None


def _worn_out(error: Exception, pause: Pause, waited_s: float) -> GiveUp:
    code = getattr(error, "code", "") or "unavailable"
    return GiveUp(code, f"Given up after waiting {waited_s:.0f} s for {pause.reason}.")


def _detail(error: Exception) -> str:
    """What is told of the error, with what Okta's support asks for."""
    ids = {"error ID": "error_id", "request ID": "request_id"}
    known = [f"{name} {found}" for name, at in ids.items() if (found := getattr(error, at, ""))]
    return f"{str(error)[:400]} ({', '.join(known)})" if known else str(error)[:500]


def _backoff(first_pause_s: float, failures: int) -> float:
    """Full jitter, so that tenants which failed together do not come back together."""
    ceiling = min(LONGEST_PAUSE_S, first_pause_s * 2**failures)
    return max(1.0, _random.uniform(0, ceiling))

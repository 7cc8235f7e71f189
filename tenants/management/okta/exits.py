"""How ``manage.py okta`` ends: a number for programs, a sentence for people."""

from collections.abc import Mapping
from enum import IntEnum

from django.conf import settings

from tenants.broker.errors import BrokerBusy
from tenants.calls.errors import CallNotOnRecord, TokenNotOnRecord
from tenants.errors import ServiceError
from tenants.management.okta.asking import NotConfirmed
from tenants.management.okta.output import AnswerElsewhere
from tenants.okta.errors import (
    EgressRefused,
    OktaAmbiguous,
    OktaAuthError,
    OktaDpopRequired,
    OktaError,
    OktaForbidden,
    OktaNetworkZone,
    OktaNotFound,
    OktaNotLicensed,
    OktaProtocolError,
    OktaRateLimited,
    OktaRequestError,
    OktaScopeError,
    OktaUnavailable,
    OktaWrongApp,
    OktaWrongHost,
)
from tenants.vault.errors import KeyringError, VaultError


class Way(IntEnum):
    """Exit codes. Nothing was sent where it is `USAGE` or `NOT_CONFIRMED`."""

    DONE = 0
    OURS = 1
    USAGE = 2
    NOT_CONFIRMED = 3
    CREDENTIAL = 4
    NOT_ALLOWED = 5
    NOT_FOUND = 6
    WRONG_HOST = 7
    REJECTED = 8
    RATE_LIMITED = 9
    UNREADABLE = 10
    AMBIGUOUS = 11
    EGRESS = 12
    NO_TOKEN = 13
    INTERRUPTED = 130
    READER_GONE = 141


MEANINGS: Mapping[Way, str] = {
    Way.DONE: "done",
    Way.OURS: "a fault of our own: the database, a file, a bug",
    Way.USAGE: "that makes no call; nothing was sent",
    Way.NOT_CONFIRMED: "not confirmed; nothing was sent",
    Way.CREDENTIAL: "Okta refuses the credential or its token",
    Way.NOT_ALLOWED: "not allowed: scope, admin role, licence or network zone",
    Way.NOT_FOUND: "what was asked for is not there",
    Way.WRONG_HOST: "no living org answers under this host",
    Way.REJECTED: "Okta refuses the request as it is",
    Way.RATE_LIMITED: "the org's rate limit is used up; try again later",
    Way.UNREADABLE: "no usable answer: away, read-only for now, or unreadable",
    Way.AMBIGUOUS: "the change may have been made; look before you repeat it",
    Way.EGRESS: "our own rules for the network forbid it",
    Way.NO_TOKEN: "no token to be had: the secret does not open, or others wait for it",
    Way.INTERRUPTED: "interrupted",
    Way.READER_GONE: "nobody reads standard output any more",
}

_BY_ERROR: Mapping[type[BaseException], Way] = {
    CallNotOnRecord: Way.OURS,
    TokenNotOnRecord: Way.OURS,
    AnswerElsewhere: Way.OURS,
    ServiceError: Way.USAGE,
    NotConfirmed: Way.NOT_CONFIRMED,
    OktaAuthError: Way.CREDENTIAL,
    OktaWrongApp: Way.CREDENTIAL,
    OktaDpopRequired: Way.CREDENTIAL,
    OktaScopeError: Way.NOT_ALLOWED,
    OktaForbidden: Way.NOT_ALLOWED,
    OktaNotLicensed: Way.NOT_ALLOWED,
    OktaNetworkZone: Way.NOT_ALLOWED,
    OktaNotFound: Way.NOT_FOUND,
    OktaWrongHost: Way.WRONG_HOST,
    OktaRequestError: Way.REJECTED,
    OktaRateLimited: Way.RATE_LIMITED,
    OktaUnavailable: Way.UNREADABLE,
    OktaProtocolError: Way.UNREADABLE,
    OktaAmbiguous: Way.AMBIGUOUS,
    EgressRefused: Way.EGRESS,
    VaultError: Way.NO_TOKEN,
    BrokerBusy: Way.NO_TOKEN,
}


def exit_for(error: BaseException) -> Way:
    """The way out for an error: that of its own class or of the nearest one above it."""
    return next((_BY_ERROR[kind] for kind in type(error).__mro__ if kind in _BY_ERROR), Way.OURS)


def sentence_for(error: BaseException) -> str:
    """What happened, and for an answer of Okta's what its support asks for."""
    if isinstance(error, OktaError):
        meaning = MEANINGS[exit_for(error)]
        # What may have happened stands in the meaning; the cause says what broke.
        broke = error.__cause__ if isinstance(error, OktaAmbiguous) else None
        told = f"{meaning[:1].upper()}{meaning[1:]}. {broke or error} ({_particulars(error)})"
        return f"{told}. {_let_in()}" if isinstance(error, OktaNetworkZone) else told
    if isinstance(error, VaultError) and not isinstance(error, KeyringError):
        return f"The tenant's secret does not open: {error}."
    if isinstance(error, OSError):
        return f"{error.filename or 'The answer'} cannot be written: {error.strerror or error}."
    if isinstance(error, (ServiceError, KeyringError)):
        return str(error)
    # Without the text: a database's may quote rows.
    return f"The database does not do its part: {type(error).__name__}."


def _let_in() -> str:
    ours = ", ".join(settings.VENDOR_EGRESS_ADDRESSES) or "VENDOR_EGRESS_ADDRESSES names none yet"
    return f"The integration's network zone in Okta must let in our addresses: {ours}."


def _particulars(error: OktaError) -> str:
    told = {
        "status": error.status,
        "missing": error.missing_scope,
        "wait, in seconds": round(error.retry_after) if error.retry_after else None,
        "error ID": error.error_id,
        "request ID": error.request_id,
    }
    return ", ".join([error.code, *(f"{name} {value}" for name, value in told.items() if value)])


def exit_table() -> str:
    return "\n".join(f"  {way:>3}  {meaning}" for way, meaning in MEANINGS.items())

"""A token for an operator's hands: by the broker like any other, and on the record."""

import hashlib
import re
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from tenants.broker.grants import CredentialTokens
from tenants.broker.uses import TokenUses
from tenants.calls.errors import CallRefused, TokenNotOnRecord
from tenants.calls.orgs import ConnectedOrg
from tenants.calls.record import began, ended, trouble
from tenants.okta.oauth import AccessToken

_SCOPE = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_SHOWN_DIGITS = 16


@dataclass(frozen=True)
class TokenFacts:
    """What may be said of a token without giving it away; ``ends_at`` by our own clock."""

    scopes: tuple[str, ...]
    ends_at: datetime
    fingerprint: str


def scopes_wanted(named: Iterable[str]) -> frozenset[str]:
    """The scopes that an operator named.

    Raises:
        CallRefused: there are none, or one cannot be a scope of Okta's.
    """
    wanted = frozenset(named)
    if odd := sorted(scope for scope in wanted if not _SCOPE.fullmatch(scope)):
        raise CallRefused(f"{odd[0]!r} cannot be a scope.")
    if not wanted:
        raise CallRefused("A token needs at least one scope.")
    return wanted


def token_get(
    org: ConnectedOrg, scopes: frozenset[str], *, login: str, reveal: bool
) -> tuple[AccessToken, TokenFacts]:
    """A token of this org with these scopes, from the cache where there is one.

    ``login`` is who is to be named in the audit trail; ``reveal`` says there that the token itself
    will be shown.

    Raises:
        CallNotOnRecord: nothing was sent, for want of a row in the audit trail.
        TokenNotOnRecord: the token must not be shown, for want of the second row.
        VaultError, OktaError: there is no token to be had.
    """
    asked = began(
        "token.asked", org.tenant, login=login, scopes=sorted(scopes), **_if_so("reveals", reveal)
    )
    try:
        with closing(TokenUses(org.tenant.pk, "token")) as uses:
            token = CredentialTokens(org.credential, uses).token(scopes)
    except BaseException as error:
        ended(asked, **trouble(error))
        raise
    facts = _facts_of(token)
    done = ended(asked, outcome="done", fingerprint=facts.fingerprint, **_if_so("revealed", reveal))
    if reveal and not done:
        raise TokenNotOnRecord
    return token, facts


def _facts_of(token: AccessToken) -> TokenFacts:
    left = timedelta(seconds=token.expires_at - time.monotonic())
    digest = hashlib.sha256(token.value.encode()).hexdigest()[:_SHOWN_DIGITS]
    return TokenFacts(tuple(sorted(token.scopes)), timezone.now() + left, f"sha256:{digest}")


def _if_so(name: str, so: bool) -> dict[str, bool]:
    return {name: True} if so else {}

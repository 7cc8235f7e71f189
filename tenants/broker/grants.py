"""From a Credential row to access tokens, each use of which leaves its trace."""

import logging
from collections.abc import Callable, Mapping

from tenants.broker.okta_grant import ask_with_secret
from tenants.broker.sealing import secret_open
from tenants.broker.service import broker, egress_policy
from tenants.broker.tokens import ClientGrant, narrowed
from tenants.broker.uses import TokenUses
from tenants.keys.ring import keyring
from tenants.models import Credential
from tenants.okta.bodies import Outcome
from tenants.okta.egress import OrgConnection, open_org
from tenants.okta.errors import OktaError
from tenants.okta.oauth import AccessToken
from tenants.okta.operations import OPERATIONS, Operation
from tenants.vault.errors import VaultError
from tenants.vault.secret import Secret

logger = logging.getLogger(__name__)


class CredentialTokens:
    """The tokens of one credential, counting how many Okta had to be asked for."""

    def __init__(self, credential: Credential, uses: TokenUses) -> None:
        """``uses`` says what the tokens are for; whoever made it has it written at the end."""
        self.credential = credential
        self.requested = 0
        self._uses = uses
        self._grant = _grant_of(credential, self._open_secret)
        self._scopes: frozenset[str] = frozenset()

    def token(self, scopes: frozenset[str]) -> AccessToken:
        """As `Broker.token_for`, on the record.

        Raises:
            django.db.Error: the use cannot be told, so there is none.
        """
        self._scopes = scopes
        self._uses.note(narrowed(scopes))
        token = broker().token_for(self._grant, scopes)
        self._uses.note_clock(token.clock_off_s)
        return token

    def discard(self, token: AccessToken) -> None:
        broker().discard(self._grant, self._scopes, token)

    def ask(
        self,
        http: OrgConnection,
        operation: Operation,
        form: Mapping[str, str],
        *,
        reveal: bool = False,
    ) -> Outcome:
        """Token, revoke or introspect as the form says, past all caches, and on the record.

        Raises:
            django.db.Error: the use cannot be told, so there is none.
        """
        self._uses.note(frozenset(form.get("scope", "").split()))
        return ask_with_secret(http, self._grant, operation, form, reveal=reveal)

    def _open_secret(self) -> Secret:
        # The broker opens the secret exactly when it is about to ask Okta for a token.
        secret = secret_open(self.credential)
        self.requested += 1
        return secret


def tokens_forget(credential: Credential) -> list[AccessToken]:
    """Drop every cached token of this credential, and return those that were there.

    A process that only seals knows no tokens, nor where they lie: what a candidate left in Redis
    ends there within the hour, and nobody asks for it any more.
    """
    return broker().forget(_grant_of(credential)) if keyring().opens else []


def tokens_revoke(credential: Credential, *, by: Credential) -> None:
    """Forget a credential's tokens and have Okta end them, in the name of ``by``.

    Okta lets a client end its own tokens only. Those of an integration that was installed anew,
    with another client ID, are left to Okta, which ended them with the old installation. An org
    that was renamed meanwhile is the same one. Whatever goes wrong at Okta costs no more than the
    rest of a token's hour, and is logged.
    """
    tokens = tokens_forget(credential)
    if not tokens or (by.org_id, by.client_id) != (credential.org_id, credential.client_id):
        return
    grant = _grant_of(by)
    try:
        with open_org(by.host, egress_policy()) as http:
            for token in tokens:
                ask_with_secret(http, grant, OPERATIONS["revoke"], _ending(token), reveal=False)
    except (OktaError, VaultError) as error:
        logger.warning("tokens of a retired secret live out their hour: %s", error.code)


def _ending(token: AccessToken) -> dict[str, str]:
    return {"token": token.value, "token_type_hint": "access_token"}


def _grant_of(
    credential: Credential, open_secret: Callable[[], Secret] | None = None
) -> ClientGrant:
    return ClientGrant(
        tenant_id=credential.tenant_id,
        host=credential.host,
        client_id=credential.client_id,
        # Versions count from one again when a tenant comes back, and Redis may still have tokens.
        secret_version=credential.pk.int,
        open_secret=open_secret or (lambda: secret_open(credential)),
    )

"""From a Credential row to access tokens."""

from collections.abc import Mapping

from tenants.broker.okta_grant import ask_with_secret
from tenants.broker.sealing import secret_open
from tenants.broker.service import broker
from tenants.broker.tokens import ClientGrant
from tenants.keys.ring import keyring
from tenants.models import Credential
from tenants.okta.bodies import Outcome
from tenants.okta.egress import OrgConnection
from tenants.okta.oauth import AccessToken
from tenants.okta.operations import Operation
from tenants.vault.secret import Secret


class CredentialTokens:
    """The tokens of one credential, counting how many Okta had to be asked for."""

    def __init__(self, credential: Credential) -> None:
        self.credential = credential
        self.requested = 0
        self._grant = ClientGrant(
            tenant_id=credential.tenant_id,
            host=credential.host,
            client_id=credential.client_id,
            secret_version=credential.version,
            open_secret=self._open_secret,
        )
        self._scopes: frozenset[str] = frozenset()

    def token(self, scopes: frozenset[str]) -> AccessToken:
        self._scopes = scopes
        return broker().token_for(self._grant, scopes)

    def discard(self, token: AccessToken) -> None:
        broker().discard(self._grant, self._scopes, token)

    def forget(self) -> None:
        """Drop every cached token of this credential.

        A process that only seals knows no tokens, nor where they lie: what a candidate left in
        Redis ends there within the hour, and nobody asks for it any more.
        """
        if keyring().opens:
            broker().forget(self._grant)

    def ask(
        self,
        http: OrgConnection,
        operation: Operation,
        form: Mapping[str, str],
        *,
        reveal: bool = False,
    ) -> Outcome:
        """Token, revoke or introspect as the form says, past all caches."""
        return ask_with_secret(http, self._grant, operation, form, reveal=reveal)

    def _open_secret(self) -> Secret:
        # The broker opens the secret exactly when it is about to ask Okta for a token.
        secret = secret_open(self.credential)
        self.requested += 1
        return secret

"""Asking Okta in the client's own name: the one place where a secret leaves its wrapping."""

from collections.abc import Mapping

from tenants.broker.tokens import ClientGrant, Fetch
from tenants.okta.bodies import Outcome
from tenants.okta.egress import EgressPolicy, OrgConnection, open_org
from tenants.okta.oauth import AccessToken, ask_as_client, fetch_access_token
from tenants.okta.operations import Operation
from tenants.vault.secret import Secret


def fetch_token(policy: EgressPolicy) -> Fetch:
    """What ``Broker`` wants for ``fetch``; it raises what ``fetch_access_token`` raises."""

    def fetch(grant: ClientGrant, secret: Secret, scopes: frozenset[str]) -> AccessToken:
        with open_org(grant.host, policy) as http:
            return fetch_access_token(
                http, client_id=grant.client_id, client_secret=secret.expose(), scopes=scopes
            )

    return fetch


def ask_with_secret(
    http: OrgConnection,
    grant: ClientGrant,
    operation: Operation,
    form: Mapping[str, str],
    *,
    reveal: bool,
) -> Outcome:
    """What `tenants.okta.oauth.ask_as_client` returns and raises, for one operation of a grant."""
    return ask_as_client(
        http,
        operation,
        client_id=grant.client_id,
        client_secret=grant.open_secret().expose(),
        form=form,
        reveal=reveal,
    )

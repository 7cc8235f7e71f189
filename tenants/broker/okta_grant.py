"""Asking Okta for a token: the one place where a customer's secret leaves its wrapping."""

from tenants.broker.tokens import ClientGrant, Fetch
from tenants.okta.egress import EgressPolicy, open_org
from tenants.okta.oauth import AccessToken, fetch_access_token
from tenants.vault.secret import Secret


def fetch_token(policy: EgressPolicy) -> Fetch:
    """What ``Broker`` wants for ``fetch``; it raises what ``fetch_access_token`` raises."""

    def fetch(grant: ClientGrant, secret: Secret, scopes: frozenset[str]) -> AccessToken:
        with open_org(grant.host, policy) as http:
            return fetch_access_token(
                http, client_id=grant.client_id, client_secret=secret.expose(), scopes=scopes
            )

    return fetch

"""Asking Okta in the client's own name: the one place where a secret leaves its wrapping."""

from collections.abc import Callable, Mapping

from tenants.broker.tokens import ClientGrant, Fetch
from tenants.okta.bodies import Outcome
from tenants.okta.egress import EgressPolicy, OrgConnection, open_org
from tenants.okta.errors import OktaError, OktaScopeError
from tenants.okta.oauth import AccessToken, ask_as_client, fetch_access_token
from tenants.okta.operations import Operation
from tenants.vault.secret import Secret


def fetch_token(policy: EgressPolicy) -> Fetch:
    """What ``Broker`` wants for ``fetch``; it raises what ``fetch_access_token`` raises."""

    def fetch(grant: ClientGrant, secret: Secret, scopes: frozenset[str]) -> AccessToken:
        with open_org(grant.host, policy) as http:

            def ask(wanted: frozenset[str]) -> AccessToken:
                return fetch_access_token(
                    http, client_id=grant.client_id, client_secret=secret.expose(), scopes=wanted
                )

            try:
                return ask(scopes)
            except OktaScopeError as refused:
                refused.missing_scope = refused.missing_scope or _refused_alone(ask, scopes)
                raise

    return fetch


def _refused_alone(ask: Callable[[frozenset[str]], AccessToken], scopes: frozenset[str]) -> str:
    """Those of ``scopes`` that were not granted: of several, Okta does not say which.

    '' where that cannot be found out now.
    """
    missing = []
    for scope in sorted(scopes):
        try:
            ask(frozenset({scope}))
        except OktaScopeError:
            missing.append(scope)
        except OktaError:
            return ""
    return " ".join(missing)


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

"""One call on a tenant's org, with a token of exactly that operation's scope."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager

from tenants.broker.grants import CredentialTokens
from tenants.broker.service import budget_for, egress_policy
from tenants.broker.uses import TokenUses
from tenants.calls.orgs import ConnectedOrg
from tenants.calls.record import Reply, begin, recorded
from tenants.calls.wanted import Call
from tenants.okta.bodies import Outcome
from tenants.okta.client import OktaClient
from tenants.okta.egress import open_org
from tenants.okta.errors import OktaRateLimited
from tenants.okta.operations import scopes_of
from tenants.okta.paging import Page

#: Rate limits waited out in a row before a walk through a whole listing gives up.
MAX_WAITS = 5


def call_make(call: Call, org: ConnectedOrg, *, login: str) -> Reply:
    """Make the call. ``login`` is who is to be named in the audit trail.

    Raises:
        CallNotOnRecord: nothing was sent, for want of a row in the audit trail.
        VaultError: the credential's secret does not open.
        OktaError: from the token request or from the call.
    """
    send = _ask_as_client if call.as_client else _ask
    return recorded(call, org, login, lambda: send(call, org))


def call_pages(
    call: Call,
    org: ConnectedOrg,
    *,
    login: str,
    on_wait: Callable[[float], None],
    max_waits: int = MAX_WAITS,
    sleep: Callable[[float], None] = time.sleep,
) -> Generator[Page]:
    """The pages of a listing, fetched as they are asked for; errors as in `call_make`.

    A rate limit is waited out, however long: whoever asked for a whole listing rather waits than
    begins again. ``on_wait`` is told the seconds before each of at most ``max_waits`` in a row.
    """
    begin(call, org, login)
    start, waits = None, 0
    with _client(call, org) as client:
        while True:
            try:
                for page in client.pages(
                    call.operation, path=call.path, query=call.query, start=start
                ):
                    yield page
                    start, waits = page.next, 0
                return
            except OktaRateLimited as error:
                waits += 1
                if error.retry_after is None or waits > max_waits:
                    raise
                on_wait(error.retry_after)
                sleep(error.retry_after)


def _ask(call: Call, org: ConnectedOrg) -> Outcome:
    with _client(call, org) as client:
        return client.exchange(
            call.operation,
            path=call.path,
            query=call.query,
            body=call.body,
            accept=call.accept,
            reveal=call.reveal,
        )


def _ask_as_client(call: Call, org: ConnectedOrg) -> Outcome:
    with open_org(org.host, egress_policy()) as http, _uses(call, org) as uses:
        tokens = CredentialTokens(org.credential, uses)
        return tokens.ask(http, call.operation, call.form, reveal=call.reveal)


@contextmanager
def _client(call: Call, org: ConnectedOrg) -> Iterator[OktaClient]:
    with open_org(org.host, egress_policy()) as http, _uses(call, org) as uses:
        yield OktaClient(
            http,
            CredentialTokens(org.credential, uses),
            scopes_of([call.operation]),
            budget=budget_for(org.tenant.pk, interactive=True),
        )


def _uses(call: Call, org: ConnectedOrg) -> closing[TokenUses]:
    return closing(TokenUses(org.tenant.pk, f"call:{call.operation.name}"))
